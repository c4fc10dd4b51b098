import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { judge } from '#doctor/finding.ts';
import { awsCommand } from '#domain/errors/aws-command.ts';
import { type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { isOlder } from '#domain/readiness/task-checks.ts';
import { DOCS } from './docs.ts';

/** This machine: Node.js, credentials, clock, network, terminal and tools. */
export const LOCAL_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'local-runtime',
    title: 'Node.js',
    area: 'local',
    severity: 'warn',
    meaning: 'The AWS SDK supports Node.js from version 22 on as of January 2027.',
    remedy: 'Install Node.js 22 or newer.',
    run: checkRuntime,
  },
  {
    id: 'local-region-credentials',
    title: 'Region and credentials',
    area: 'local',
    severity: 'fail',
    meaning: 'There is a region to call, and credentials that have not expired.',
    remedy: 'Give --region or AWS_REGION; log in again with aws sso login.',
    run: checkCredentials,
  },
  {
    id: 'local-clock',
    title: 'Clock',
    area: 'local',
    severity: 'fail',
    meaning: 'AWS refuses signatures that are more than five minutes off.',
    remedy: 'Let the clock of this machine be set by NTP.',
    run: checkClock,
  },
  {
    id: 'local-ssmmessages',
    title: 'Way to Session Manager',
    area: 'local',
    severity: 'fail',
    meaning:
      'The data channel is a WebSocket from this machine to ssmmessages of the region, through the proxy if one is set: the task is not the only one that needs a way there.',
    remedy: 'Let firewall and proxy through to ssmmessages.REGION.amazonaws.com:443.',
    docs: DOCS.exec,
    run: checkChannel,
  },
  {
    id: 'local-terminal',
    title: 'Terminal',
    area: 'local',
    severity: 'info',
    meaning: 'An interactive shell needs a terminal on stdin and stdout; commands work without.',
    remedy: 'Run ecsh in a terminal for a shell, or `ecsh exec` for a command.',
    run: checkTerminal,
  },
  {
    id: 'session-manager-plugin',
    title: 'AWS plugin',
    area: 'local',
    severity: 'info',
    meaning: 'The AWS CLI needs session-manager-plugin for ECS Exec; ecsh does not.',
    remedy: 'Nothing.',
    run: checkPlugin,
  },
  {
    id: 'aws-cli',
    title: 'AWS CLI',
    area: 'local',
    severity: 'info',
    meaning:
      'ecsh does not use the AWS CLI, but some of its fixes are commands for it. ECS Exec is in it from 1.22.3 and 2.3.6 on.',
    remedy: 'Update the AWS CLI.',
    run: checkCli,
  },
];

/** The oldest version that the AWS SDK supports after the first week of January 2027. */
const SUPPORTED_NODE = 22;

function checkRuntime({ evidence }: DoctorContext): CheckOutcome {
  return judge(evidence.nodeVersion, (version) => {
    const facts = { node: version };
    const [major = ''] = version.replace(/^v/, '').split('.');
    if (Number(major) >= SUPPORTED_NODE) return pass(`Node.js ${version}.`, facts);
    return {
      status: 'warn',
      message: `Node.js ${version}: the AWS SDK stops supporting it in January 2027.`,
      fix: { summary: `Install Node.js ${SUPPORTED_NODE} or newer.` },
      evidence: facts,
    };
  });
}

const LOGIN_CODES = ['credentials-missing', 'credentials-expired', 'credentials-invalid'];

/** Failures of any call that `local-region-credentials` explains. */
export const IDENTITY_CODES: readonly string[] = ['region-missing', ...LOGIN_CODES];

function checkCredentials({ evidence, flags }: DoctorContext): CheckOutcome {
  const { region, caller } = evidence;
  if (region.kind === 'unknown') {
    const message = `No region: ${region.reason}`;
    return { status: 'fail', message, fix: { summary: 'Give --region, or set AWS_REGION.' } };
  }
  if (caller.kind === 'unknown' && LOGIN_CODES.includes(caller.code ?? '')) {
    const login = awsCommand(['sso', 'login'], { profile: flags?.profile });
    return {
      status: 'fail',
      message: caller.reason,
      fix: { summary: 'Log in again, if you use IAM Identity Center', command: login },
      evidence: { code: caller.code },
    };
  }
  return judge(region, (name) =>
    judge(caller, ({ Arn }) =>
      pass(`Region ${name}, and credentials that work.`, { region: name, arn: Arn }),
    ),
  );
}

const ALLOWED_SKEW_MS = 5 * 60_000;

function checkClock({ evidence }: DoctorContext): CheckOutcome {
  return judge(evidence.clockSkew, (skew) => {
    const seconds = Math.round(Math.abs(skew) / 1_000);
    const facts = { seconds: Math.round(skew / 1_000) };
    if (Math.abs(skew) <= ALLOWED_SKEW_MS) return pass(`The clock is ${seconds} s off.`, facts);
    const direction = skew > 0 ? 'behind' : 'ahead';
    return {
      status: 'fail',
      message: `Your clock is ${seconds} s ${direction}; AWS will reject signatures.`,
      fix: { summary: 'Let it be set by NTP.' },
      evidence: facts,
    };
  });
}

function checkChannel({ evidence }: DoctorContext): CheckOutcome {
  return judge(evidence.channelHost, ({ host, error }) => {
    if (error === undefined) return pass(`${host} is reached.`, { host });
    return {
      status: 'fail',
      message: `${error} The data channel goes from your machine, not only from the task.`,
      fix: { summary: `Let firewall and proxy through to ${host}, also for WebSockets.` },
      evidence: { host, error },
    };
  });
}

function checkTerminal({ evidence }: DoctorContext): CheckOutcome {
  return judge(evidence.isTerminal, (isTerminal) =>
    isTerminal
      ? pass('stdin and stdout are a terminal.')
      : {
          status: 'info',
          message:
            'Not a terminal: commands use pipes, and a shell cannot be opened. The API itself accepts only interactive sessions.',
          fix: { summary: 'Use ecsh exec for commands.' },
        },
  );
}

function checkPlugin({ evidence }: DoctorContext): CheckOutcome {
  return judge(evidence.sessionPlugin, (version) => {
    if (version !== undefined)
      return pass(`Plugin ${version}; ecsh does not need it.`, { version });
    return { status: 'info', message: 'Plugin not found; it is not needed by ecsh.' };
  });
}

/** The oldest version that works, by major version. */
const OLDEST_CLI: Readonly<Record<string, string>> = { '1': '1.22.3', '2': '2.3.6' };

function checkCli({ evidence }: DoctorContext): CheckOutcome {
  return judge(evidence.awsCli, (text) => {
    const version = /aws-cli\/(\d+(?:\.\d+)*)/.exec(text ?? '')?.[1];
    if (version === undefined) return skip('There is no AWS CLI.');
    const required = OLDEST_CLI[version.split('.')[0] ?? ''];
    if (required === undefined || !isOlder(version, required)) {
      return pass(`aws-cli ${version}.`, { version });
    }
    return {
      status: 'info',
      message: `aws-cli ${version} is older than ECS Exec supports.`,
      fix: { summary: `Update it to ${required} or newer.` },
      evidence: { version },
    };
  });
}
