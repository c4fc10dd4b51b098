import { ecshCommand } from '#domain/errors/aws-command.ts';
import { familyOf, nameInArn } from '#domain/resolve/arn.ts';
import { isWindows, serviceOf } from '#domain/resolve/selection.ts';
import type { Container, Task } from '#domain/resolve/task.ts';
import { heldUpByHealth, heldUpText } from './failed-health.ts';
import {
  type Check,
  type CheckContext,
  type CheckFix,
  type CheckOutcome,
  pass,
  skip,
} from './readiness-model.ts';
import { enableFix, redeployFix } from './redeploy.ts';

/** Task states that lead to RUNNING; all others but RUNNING lead away from it. */
const STARTING = ['PROVISIONING', 'PENDING', 'ACTIVATING'];

/** The status of the task, and whether ECS Exec is on. */
export const TASK_CHECKS: readonly Check[] = [
  { id: 'task-status', title: 'Task is running', severity: 'fail', run: checkStatus },
  {
    id: 'task-stopping',
    title: 'ECS keeps the task running',
    severity: 'warn',
    run: checkStopping,
  },
  { id: 'launch-type', title: 'Infrastructure', severity: 'info', run: checkLaunchType },
  { id: 'exec-enabled', title: 'ECS Exec is on', severity: 'fail', run: checkEnabled },
];

/** Whether ECS hears from the task, and whether its platform supports ECS Exec. */
export const PLATFORM_CHECKS: readonly Check[] = [
  {
    id: 'task-connectivity',
    title: 'ECS hears from the task',
    severity: 'warn',
    run: checkConnectivity,
  },
  {
    id: 'fargate-platform-version',
    title: 'Fargate platform',
    severity: 'fail',
    run: checkPlatformVersion,
  },
  {
    id: 'async-placement',
    title: 'Placed on an existing instance',
    severity: 'fail',
    run: checkPlacement,
  },
];

/** `(exit 137: OutOfMemoryError: …)`; empty for a container that has not exited. */
export function exitOf({ exitCode, reason }: Container): string {
  if (exitCode === undefined && reason === undefined) return '';
  const parts = [exitCode === undefined ? undefined : `exit ${exitCode}`, reason];
  return ` (${parts.filter((part) => part !== undefined).join(': ')})`;
}

/** By launch type, or by capacity provider if there is no launch type. */
export function isFargate({ launchType, capacityProviderName }: Task): boolean {
  return launchType === 'FARGATE' || (capacityProviderName ?? '').startsWith('FARGATE');
}

function checkStatus({ task, cluster, flags }: CheckContext): CheckOutcome {
  const { lastStatus, stopCode, stoppedReason } = task;
  const evidence = { lastStatus, stopCode, stoppedReason };
  if (lastStatus === 'RUNNING') return pass('Task is RUNNING.', evidence);
  const id = nameInArn(task.taskArn);
  if (STARTING.includes(lastStatus)) {
    const message = `Task ${id} is ${lastStatus}; ECS Exec needs RUNNING.`;
    const heldUp = heldUpByHealth(task);
    if (heldUp !== undefined) {
      const name = `${cluster}/${id}@${heldUp.unhealthy}`;
      const log = {
        summary: `Find out why ${heldUp.unhealthy} is not healthy`,
        command: ecshCommand(['logs', name], flags),
      };
      const text = `${message} ${heldUpText(heldUp)}`;
      return { status: 'fail', message: text, fix: log, evidence, retryable: true };
    }
    const fix = { summary: 'Wait until it is RUNNING, for example with --wait 5m.' };
    return { status: 'fail', message, fix, evidence, retryable: true };
  }
  const why = becauseOf(task);
  const exits = task.containers.filter(({ exitCode, reason }) => exitCode !== undefined || reason);
  const details = exits.map((container) => ` Container ${container.name}${exitOf(container)}.`);
  const message = `Task ${id} is ${lastStatus}; ECS Exec needs RUNNING.${why}${details.join('')}`;
  const fix = { summary: 'Choose a running task', command: listSiblings(task, cluster, flags) };
  return { status: 'fail', message, fix, evidence };
}

function becauseOf({ stopCode, stoppedReason }: Task): string {
  const parts = [stopCode, stoppedReason].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : ` Stopped because: ${parts.join(': ')}.`;
}

/** Lists tasks that can replace this one. */
export function listSiblings(task: Task, cluster: string, flags: CheckContext['flags']): string {
  const service = serviceOf(task);
  const name = service ?? `family:${familyOf(task.taskDefinitionArn)}`;
  return ecshCommand(['ls', `${cluster}/${name}`], flags);
}

function checkStopping({ task, cluster, flags, resultOf }: CheckContext): CheckOutcome {
  if (resultOf('task-status')?.status === 'fail') return skip('The task is not running.');
  const { desiredStatus, stopCode, stoppedReason } = task;
  if (desiredStatus !== 'STOPPED') return pass('ECS is not stopping this task.', { desiredStatus });
  const reasons = [stopCode, stoppedReason].filter((part) => part !== undefined).join(': ');
  const why = reasons === '' ? '' : ` (${reasons})`;
  return {
    status: 'warn',
    message: `ECS has asked this task to stop${why}; a session may be cut at any moment.`,
    fix: { summary: 'Choose a newer task', command: listSiblings(task, cluster, flags) },
    evidence: { desiredStatus, stopCode, stoppedReason },
  };
}

function checkLaunchType({ task }: CheckContext): CheckOutcome {
  const { launchType, capacityProviderName, containerInstanceArn } = task;
  const evidence = { launchType, capacityProviderName, containerInstanceArn };
  const type = launchType ?? inferredType(task);
  const through = capacityProviderName === undefined ? '' : ` (${capacityProviderName})`;
  if (type === 'EXTERNAL') {
    const message = 'Runs on EXTERNAL infrastructure; its network is up to your site.';
    return { status: 'info', message, evidence };
  }
  if (type === undefined) return { status: 'info', message: 'Launch type is unknown.', evidence };
  return pass(`Runs on ${type}${through}.`, evidence);
}

function inferredType(task: Task): string | undefined {
  if (isFargate(task)) return 'FARGATE';
  return task.containerInstanceArn === undefined ? undefined : 'EC2';
}

function checkEnabled(context: CheckContext): CheckOutcome {
  const { task } = context;
  const { enableExecuteCommand } = task;
  const evidence = { enableExecuteCommand };
  if (enableExecuteCommand) return pass('ECS Exec was on when the task was launched.', evidence);
  const id = nameInArn(task.taskArn);
  return {
    status: 'fail',
    message: `ECS Exec was off when task ${id} was launched, and a running task cannot be changed.`,
    fix: startFix(context),
    evidence,
  };
}

function startFix({ task, cluster, flags, deployer }: CheckContext): CheckFix {
  const service = serviceOf(task);
  if (service === undefined) {
    const words = ['enable', 'task', `${cluster}/${nameInArn(task.taskArn)}`];
    return { summary: 'Start one like it with ECS Exec on', command: ecshCommand(words, flags) };
  }
  return enableFix({ service, cluster, flags, deployer });
}

function checkConnectivity({ task, resultOf }: CheckContext): CheckOutcome {
  if (resultOf('task-status')?.status === 'fail') return skip('The task is not running.');
  const { connectivity, connectivityAt } = task;
  const evidence = { connectivity, connectivityAt };
  if (connectivity !== 'DISCONNECTED') return pass('ECS is in contact with the task.', evidence);
  const since = connectivityAt === undefined ? '' : ` since ${connectivityAt.toISOString()}`;
  return {
    status: 'warn',
    message: `ECS has lost contact with the task${since}; what it reports may be out of date.`,
    fix: { summary: 'Check the instance and its ECS agent, or choose another task.' },
    evidence,
  };
}

function checkPlatformVersion(context: CheckContext): CheckOutcome {
  const { task, resultOf } = context;
  if (!isFargate(task)) return skip('Not on Fargate.');
  const { platformVersion, platformFamily } = task;
  const evidence = { platformVersion, platformFamily };
  if (platformVersion === undefined) {
    return {
      status: 'unknown',
      message: 'ECS does not say which Fargate platform it is.',
      evidence,
    };
  }
  const required = isWindows(task) ? '1.0.0' : '1.4.0';
  if (!isOlder(platformVersion, required)) {
    return pass(`Fargate platform ${platformVersion}.`, evidence);
  }
  // A running agent proves that the platform is new enough.
  const status = resultOf('exec-agent-status')?.status === 'pass' ? 'info' : 'fail';
  const fix = platformFix(context);
  const message = `Fargate platform ${platformVersion} is too old; ECS Exec needs ${required}.`;
  return { status, message, fix, evidence };
}

/** UpdateService sets the version only if ECS deploys. */
function platformFix({ task, cluster, flags, deployer }: CheckContext): CheckFix {
  const service = serviceOf(task);
  if (service === undefined) {
    return { summary: 'Start it again as before, with --platform-version LATEST.' };
  }
  if (deployer?.type === 'CODE_DEPLOY') {
    return { summary: 'Deploy it with CodeDeploy, with PlatformVersion LATEST in the AppSpec.' };
  }
  if (deployer?.type === 'EXTERNAL') {
    return { summary: 'Have its controller create a task set with platform version LATEST.' };
  }
  const options = ['--platform-version', 'LATEST'];
  return { ...redeployFix({ service, cluster, flags }, options), summary: 'Move it to the latest' };
}

/** Compares dotted versions; any other form counts as not older. */
export function isOlder(version: string, required: string): boolean {
  const parts = version.split('.').map(Number);
  if (parts.some(Number.isNaN)) return false;
  for (const [index, minimum] of required.split('.').map(Number).entries()) {
    const part = parts[index] ?? 0;
    if (part !== minimum) return part < minimum;
  }
  return false;
}

function checkPlacement({ task, resultOf }: CheckContext): CheckOutcome {
  const { group, capacityProviderName, containerInstanceArn, launchType } = task;
  if (isFargate(task) || launchType === 'MANAGED_INSTANCES') return skip('Not on EC2.');
  if (serviceOf(task) !== undefined) return skip('The task belongs to a service.');
  const evidence = { group, capacityProviderName, containerInstanceArn };
  if (capacityProviderName === undefined || containerInstanceArn === undefined) {
    return pass('Not placed by a capacity provider.', evidence);
  }
  return {
    status: resultOf('exec-agent-present')?.status === 'fail' ? 'fail' : 'warn',
    message: `Started with run-task through capacity provider ${capacityProviderName}. If managed scaling placed it before an instance was there, ECS Exec cannot work.`,
    fix: {
      summary: 'Run it as a service, on Fargate, or while capacity is ready (--launch-type EC2).',
    },
    evidence,
  };
}
