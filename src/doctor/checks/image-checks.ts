import { type DoctorCheck, forTask, type TaskContext } from '#doctor/check-model.ts';
import { judge } from '#doctor/finding.ts';
import { sessionLogging } from '#doctor/rules/session-logging.ts';
import { type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { isWindows } from '#domain/resolve/selection.ts';
import {
  type DefinitionContext,
  forDefinition,
  linux,
  osFamily,
  runsWindows,
  windows,
} from './definition.ts';
import { DOCS } from './docs.ts';
import { containerPath, reviseFix } from './revision.ts';

/** The image, its user and platform, and volumes that hide the exec agent. */
export const IMAGE_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'container-user',
    title: 'Session user',
    area: 'setup',
    severity: 'info',
    meaning: 'Sessions run as root (on Windows: SYSTEM), even if the container sets another user.',
    remedy: 'Change the user in the command: `ecsh exec -u USER`, su or setpriv.',
    docs: DOCS.exec,
    run: forDefinition(checkUser, windows),
  },
  {
    id: 'windows-os-family',
    title: 'Windows version',
    area: 'setup',
    severity: 'fail',
    meaning: 'ECS Exec supports Windows Server 2019, 2022 and 20H2 Core; newer ones are accepted.',
    remedy: 'Move to an image and an AMI of Windows Server 2019 or 2022.',
    docs: DOCS.exec,
    run: forTask(checkWindowsFamily),
  },
  {
    id: 'nano-server',
    title: 'Image is not Nano Server',
    area: 'setup',
    severity: 'fail',
    meaning: 'Containers of Nano Server cannot hold the exec agent.',
    remedy: 'Build the image on Windows Server Core.',
    docs: DOCS.exec,
    run: forDefinition(checkNanoServer, linux),
  },
  {
    id: 'image-shell',
    title: 'Image has a shell',
    area: 'setup',
    severity: 'warn',
    meaning: 'A shell, and all of `ecsh exec` but --no-shell, needs sh in the image.',
    remedy: 'Run a program of the image with `ecsh exec --no-shell`, or use a tag with a shell.',
    docs: DOCS.exec,
    run: forDefinition(checkShell, windows),
  },
  {
    id: 'image-log-tools',
    title: 'Image can record sessions',
    area: 'setup',
    severity: 'info',
    meaning:
      'The log of a session is made in the container, at its end, with script and cat. Without them the session works and nothing is stored.',
    remedy:
      'Install script (Debian, Ubuntu: bsdutils; RHEL, Alpine: util-linux) and cat (coreutils) in the image.',
    docs: DOCS.exec,
    run: forDefinition(checkLogTools, windows),
  },
  {
    id: 'efs-or-volumes-shadow',
    title: 'No volume covers the agent',
    area: 'setup',
    severity: 'info',
    meaning: 'A read-only volume on a path where the exec agent writes is in its way.',
    remedy: 'Make the volume writable, or mount it elsewhere.',
    docs: DOCS.exec,
    run: forDefinition(checkVolumes),
  },
];

function checkUser({ container, definition }: DefinitionContext): CheckOutcome {
  const { user } = definition;
  const evidence = { user };
  const { name } = container;
  if (user === undefined || /^(?:root|0)?(?::|$)/.test(user)) {
    return pass(`Sessions run as root, as ${name} does.`, evidence);
  }
  return {
    status: 'info',
    message: `Sessions run as root though ${name} sets user ${user}; the files you create will belong to root.`,
    fix: { summary: `Run a command as that user with  ecsh exec -u ${user} …` },
    evidence,
  };
}

const SUPPORTED_WINDOWS = /2019|2022|20H2|2025/i;
const UNSUPPORTED_WINDOWS = /2016|2004/;

function checkWindowsFamily(context: TaskContext): CheckOutcome {
  if (!runsWindows(context)) return skip('Linux.');
  const { platformFamily } = context.task;
  const family = (isWindows(context.task) ? platformFamily : osFamily(context)) ?? '';
  const evidence = { operatingSystemFamily: family };
  if (SUPPORTED_WINDOWS.test(family)) return pass(`${family} is supported.`, evidence);
  const status = UNSUPPORTED_WINDOWS.test(family) ? 'fail' : 'info';
  const fix = { summary: 'Move to an image and an AMI of Windows Server 2019 or 2022.' };
  return { status, message: `${family} is not on the supported list.`, fix, evidence };
}

function checkNanoServer(context: DefinitionContext): CheckOutcome {
  const { image = '' } = context.definition;
  const evidence = { image };
  if (!/nanoserver/i.test(image)) return pass('The image is not Nano Server.', evidence);
  return {
    status: 'fail',
    message: `${context.container.name} runs Nano Server, which cannot hold the exec agent.`,
    fix: { summary: 'Build the image on Windows Server Core.' },
    evidence,
  };
}

/** Images that are known to have no shell, unless their tag says otherwise. */
const SHELL_LESS = /distroless|cgr\.dev\/|(?:^|\/)chainguard\/|(?:^|\/)scratch(?:[:@]|$)/i;
const WITH_SHELL = /:[\w.-]*(?:debug|dev)\b/i;

function checkShell({ container, definition }: DefinitionContext): CheckOutcome {
  const { image = '' } = definition;
  const evidence = { image };
  if (!SHELL_LESS.test(image) || WITH_SHELL.test(image)) {
    return pass('The image is not known to be without a shell.', evidence);
  }
  return {
    status: 'warn',
    message: `${image}, the image of ${container.name}, looks as if it had no shell; a session would end with "no such file or directory".`,
    fix: {
      summary: 'Run a program of the image with  ecsh exec --no-shell, or use a :debug tag.',
    },
    evidence,
  };
}

function checkLogTools(context: DefinitionContext): CheckOutcome {
  return judge(context.evidence.cluster, (cluster) => {
    if (cluster === undefined) return skip('There is no cluster.');
    const { logGroup, bucket } = sessionLogging(cluster, context.definition);
    if (logGroup === undefined && bucket === undefined) return skip('Sessions are not recorded.');
    return {
      status: 'info',
      message: `Session logs need script and cat in ${context.container.name}. Without them the session works and nothing is stored.`,
      fix: {
        summary:
          'Look with --probe. script comes with bsdutils (Debian, Ubuntu) or util-linux (RHEL, Alpine), cat with coreutils.',
      },
      evidence: { image: context.definition.image },
    };
  });
}

/** Folders that the agent is installed in and writes to. */
const AGENT_FOLDERS =
  /^\/(?:managed-agents|ecs-execute-command-|var\/lib\/amazon|var\/log\/amazon)/;

function checkVolumes(context: DefinitionContext): CheckOutcome {
  const { container, definition } = context;
  const shadowing = (definition.mountPoints ?? [])
    .filter(({ containerPath: path, readOnly }) => readOnly && AGENT_FOLDERS.test(path ?? ''))
    .map((mount) => mount.containerPath ?? '');
  const evidence = { readOnlyMounts: shadowing };
  if (shadowing.length === 0) return pass('No volume covers the exec agent.', evidence);
  const edit = `(${containerPath(container.name)}.mountPoints[] | select(.containerPath | IN(${JSON.stringify(shadowing)}[])) | .readOnly) = false`;
  return {
    status: 'info',
    message: `${container.name} has a read-only volume on ${shadowing.join(', ')}, where the exec agent writes.`,
    fix: reviseFix('Make it writable.', context, edit),
    evidence,
  };
}
