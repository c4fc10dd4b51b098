import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import { portOf } from '#test/helpers/private-ca.ts';
import { ECSH, type Finished } from '#test/helpers/program.ts';
import { type FakeSts, startFakeSts } from '#test/helpers/sts.ts';

/** This gateway accepts only upgrades signed with the simulator's keys. */
let lab: Lab;
let sts: FakeSts;
let keys: { readonly accessKeyId: string; readonly secretAccessKey: string };

beforeAll(async () => {
  lab = await Lab.start();
  await lab.control('faults', { requireSignature: true });
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = lab.environment;
  keys = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  sts = await startFakeSts(keys);
});

afterAll(async () => {
  sts.close();
  await lab.stop();
});

/** An environment without the lab's keys, with its own HOME and this AWS config. */
function home(config = ''): Record<string, string> {
  const folder = mkdtempSync(join(lab.folder, 'home-'));
  mkdirSync(join(folder, '.aws'));
  writeFileSync(join(folder, '.aws', 'config'), config);
  const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...others } = lab.environment;
  return { ...others, HOME: folder, AWS_ENDPOINT_URL_STS: sts.url };
}

const section = (name: string, lines: Record<string, string>): string =>
  [`[${name}]`, ...Object.entries(lines).map(([key, value]) => `${key} = ${value}`), ''].join('\n');

const keyLines = () => ({
  aws_access_key_id: keys.accessKeyId,
  aws_secret_access_key: keys.secretAccessKey,
});

const ROLE = 'arn:aws:iam::123456789012:role/ops';
const roleConfig = (more: Record<string, string> = {}): string =>
  section('profile base', keyLines()) +
  section('profile ops', { role_arn: ROLE, source_profile: 'base', ...more });

const hello = (...options: string[]) => ['exec', ...options, 'lab/app', '--', 'echo', 'hello'];
const HELLO: Finished = { status: 0, stdout: 'hello\n', stderr: '' };

function failure(code: string, words: RegExp): Finished {
  const line = new RegExp(`^ecsh: .+ \\[${code}\\]\\n {2}\\S.+\\n$`);
  return {
    status: 255,
    stdout: '',
    stderr: expect.toSatisfy((text: string) => line.test(text) && words.test(text)),
  };
}

describe('the data channel to a gateway that requires signatures opens with credentials from', () => {
  it.concurrent('the environment', async () => {
    expect(await lab.run(hello())).toEqual(HELLO);
  });

  it.concurrent('a profile', async () => {
    const env = home(section('profile plain', keyLines()));
    expect(await lab.run(hello('--profile', 'plain'), { env })).toEqual(HELLO);
  });

  it.concurrent('an assumed role', async () => {
    expect(await lab.run(hello('--profile', 'ops'), { env: home(roleConfig()) })).toEqual(HELLO);
    expect(sts.requests).toContainEqual(
      expect.objectContaining({ Action: 'AssumeRole', RoleArn: ROLE }),
    );
  });

  it.concurrent('a process', async () => {
    const answer = {
      Version: 1,
      AccessKeyId: keys.accessKeyId,
      SecretAccessKey: keys.secretAccessKey,
    };
    const env = home();
    const file = join(env.HOME ?? '', 'keys.json');
    writeFileSync(file, JSON.stringify(answer));
    const config = section('profile process', { credential_process: `cat ${file}` });
    writeFileSync(join(env.HOME ?? '', '.aws', 'config'), config);
    expect(await lab.run(hello('--profile', 'process'), { env })).toEqual(HELLO);
  });

  it.concurrent('a container', async ({ onTestFinished }) => {
    const server = createServer((request, response) => {
      const isKnown = request.headers.authorization === 'secret-of-the-task';
      response.writeHead(isKnown ? 200 : 403, { 'content-type': 'application/json' });
      const answer = {
        AccessKeyId: keys.accessKeyId,
        SecretAccessKey: keys.secretAccessKey,
        Token: 'session-token',
        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      };
      response.end(JSON.stringify(isKnown ? answer : { message: 'who are you?' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const uri = `http://127.0.0.1:${portOf(server.address())}/creds`;
    const env = {
      ...home(),
      AWS_CONTAINER_CREDENTIALS_FULL_URI: uri,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'secret-of-the-task',
    };
    expect(await lab.run(hello(), { env })).toEqual(HELLO);
  });
});

it('credentials that expired during a session are renewed to resume it', async () => {
  const env = home();
  const calls = join(env.HOME ?? '', 'calls');
  const script = join(env.HOME ?? '', 'keys.sh');
  const answer = {
    Version: 1,
    AccessKeyId: keys.accessKeyId,
    SecretAccessKey: keys.secretAccessKey,
    SessionToken: 'session-token',
    Expiration: '$end',
  };
  const json = JSON.stringify(answer).replaceAll('"', '\\"');
  // Each set of credentials is valid for two seconds. The script logs when it issued one.
  const lines = [`date +%s >> ${calls}`, 'end=$(date -u -d "+2 sec" +%FT%TZ)', `echo "${json}"`];
  writeFileSync(script, lines.join('\n'));
  const config = section('profile brief', { credential_process: `sh ${script}` });
  writeFileSync(join(env.HOME ?? '', '.aws', 'config'), config);

  const words = ['exec', '--profile', 'brief', 'lab/app', '--', 'sh', '-c'];
  const program = lab.start([...words, 'echo started; sleep 6; echo done'], { env });
  await program.untilOutput('started');
  const before = Date.now();
  await sleep(3_500);
  const cut = await lab.control('cut', {});
  expect(cut).not.toHaveProperty('error');
  const { status, stdout } = await program.finished;
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'started\ndone\n' });
  expect(await lab.control('calls')).toContainEqual(
    expect.objectContaining({ operation: 'ResumeSession' }),
  );
  const made = readFileSync(calls, 'utf8').trim().split('\n').map(Number);
  expect((made.at(-1) ?? 0) * 1_000).toBeGreaterThan(before + 2_000);
});

describe('reports', () => {
  it.concurrent('a wrong secret access key', async () => {
    const env = { ...lab.environment, AWS_SECRET_ACCESS_KEY: 'wrong' };
    expect(await lab.run(hello(), { env })).toEqual(
      failure('signature-mismatch', /does not match the signature/),
    );
  });

  it.concurrent('keys from another run of the simulator', async () => {
    const env = { ...lab.environment, AWS_ACCESS_KEY_ID: 'AKIASIMAAAAAAAAAAAAA' };
    expect(await lab.run(hello(), { env })).toEqual(
      failure('credentials-invalid', /new keys in each run/),
    );
  });

  it.concurrent('an expired SSO login', async () => {
    const config =
      section('profile corp', {
        sso_session: 'corp',
        sso_account_id: '123456789012',
        sso_role_name: 'dev',
      }) +
      section('sso-session corp', {
        sso_region: 'us-east-1',
        sso_start_url: 'https://example.invalid',
      });
    expect(await lab.run(hello('--profile', 'corp'), { env: home(config) })).toEqual(
      failure('credentials-expired', /aws sso login --profile corp/),
    );
  });

  it.concurrent('a role with MFA without a terminal', async () => {
    const env = home(roleConfig({ mfa_serial: 'arn:aws:iam::123456789012:mfa/none' }));
    expect(await lab.run(hello('--profile', 'ops'), { env })).toEqual(
      failure('mfa-required', /mfa\/none, and there is no terminal to ask on/),
    );
  });
});

describe('a role with MFA on a terminal', () => {
  const mfa = (name: string) =>
    home(roleConfig({ mfa_serial: `arn:aws:iam::123456789012:mfa/${name}` }));
  const TERM = { TERM: 'xterm-256color' };

  it.concurrent('asks for the code without consuming stdin', async () => {
    const env = { ...mfa('right'), ...TERM };
    const words = [...ECSH, 'exec', '-i', '--profile', 'ops', 'lab/app', '--', 'cat'];
    const script = 'echo from-stdin | "$@"; echo "status=$?"';
    const screen = await lab.openScreen(['sh', '-c', script, 'sh', ...words], { env });
    await screen.until(/MFA code of arn:aws:iam::123456789012:mfa\/right:$/);
    screen.type('123456\r');
    await screen.until(/^from-stdin\nstatus=0$/m);
    expect(sts.requests).toContainEqual(
      expect.objectContaining({
        SerialNumber: 'arn:aws:iam::123456789012:mfa/right',
        TokenCode: '123456',
      }),
    );
  });

  it.concurrent('opens a shell after the code', async () => {
    const env = { ...mfa('shell'), ...TERM };
    const screen = await lab.openTerminal(['shell', '--profile', 'ops', 'lab/app'], { env });
    await screen.until(/MFA code of \S+:$/);
    screen.type('123456\r');
    await screen.until(/[$#>] ?$/);
    screen.type('exit 3\r');
    await screen.until(/^status=3 settings=kept$/m);
  });

  it.concurrent('asks for the code before it shows the lists', async () => {
    const env = { ...mfa('lists'), ...TERM };
    const screen = await lab.openTerminal(['--profile', 'ops'], { env });
    await screen.until(/MFA code of \S+:$/);
    screen.type('123456\r');
    await screen.until(/^Service in lab \(1\/\d+\): *$/m);
    expect(screen.text).toMatch(/MFA code of \S+: 123456$/m);
    screen.type('\x03');
    await screen.until(/^status=130 settings=kept$/m);
  });

  it.concurrent('asks again after a wrong code, three times in all', async () => {
    const env = { ...mfa('wrong'), ...TERM };
    const screen = await lab.openTerminal(hello('--profile', 'ops'), { env });
    await screen.until(/MFA code of \S+:$/);
    screen.type('000000\r');
    await screen.until(/AWS rejected the code[\s\S]+MFA code of \S+:$/);
    screen.type('00\r');
    await screen.until(/A code has six digits\.\s+MFA code of \S+:$/);
    screen.type('000000\r');
    await screen.until(/(AWS rejected[\s\S]+){2}MFA code of \S+:$/);
    screen.type('000000\r');
    await screen.until(/\[mfa-invalid\][\s\S]+^status=255 settings=kept$/m);
  });

  it.concurrent('does not ask with ECSH_NO_INPUT', async () => {
    const env = { ...mfa('forbidden'), ...TERM, ECSH_NO_INPUT: '1' };
    const screen = await lab.openTerminal(hello('--profile', 'ops'), { env });
    await screen.until(
      /disabled by\s+--no-input or ECSH_NO_INPUT[\s\S]+\[mfa-required\][\s\S]+^status=255/m,
    );
  });
});
