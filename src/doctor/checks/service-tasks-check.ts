import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { knownValue } from '#doctor/finding.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { checkTask, primaryCause } from '#domain/readiness/readiness.ts';
import {
  type CheckFix,
  type CheckOutcome,
  type CheckResult,
  pass,
  skip,
} from '#domain/readiness/readiness-model.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { execAgent } from '#domain/resolve/candidates.ts';
import type { Task } from '#domain/resolve/task.ts';
import { DOCS } from './docs.ts';

/** Checks all tasks of a service, not only the one that a session would use. */
export const SERVICE_TASKS_CHECK: DoctorCheck = {
  id: 'service-tasks',
  title: 'All tasks can be entered',
  area: 'setup',
  severity: 'fail',
  meaning:
    'A service is ready when a session can be opened in each of its running tasks, by what ECS reports about them. While a deployment replaces them, or their exec agents still start, this is a warning.',
  remedy: 'Look at one of the others with `ecsh doctor CLUSTER/TASK`, and replace it.',
  docs: DOCS.exec,
  run: checkTasks,
};

/** Further tasks are only counted. */
const NAMED_TASKS = 3;

interface Broken {
  readonly task: Task;
  readonly cause: CheckResult;
}

function checkTasks(context: DoctorContext): CheckOutcome {
  const { siblings, container, service } = context;
  if (siblings === undefined) return skip('Only this task is judged.');
  const running = siblings.filter(isToStay);
  const failing = running.length === 0 ? noneStaysUp(context) : undefined;
  if (failing !== undefined) return failing;
  if (running.length < 2) return skip(`Service ${service} runs a single task.`);
  if (container === undefined) return skip('No container is chosen.');
  const broken = running.flatMap((task): readonly Broken[] => {
    const cause = primaryCause(checkTask({ ...context, task, containerName: container.name }));
    return cause === undefined ? [] : [{ task, cause }];
  });
  const evidence = {
    running: running.length,
    ready: running.length - broken.length,
    broken: broken.map(({ task, cause }) => ({ task: task.taskArn, check: cause.id })),
  };
  const [first] = broken;
  if (first === undefined)
    return pass(`All ${running.length} running tasks can be entered.`, evidence);
  const isPassing = broken.every((each) => passesByItself(each, context));
  return {
    status: isPassing ? 'warn' : 'fail',
    message: sentence(broken, running.length, context),
    fix: fixOf(first, context),
    evidence,
  };
}

/** Fails for a service whose tasks keep failing: the current task is still starting, and will fail too. */
function noneStaysUp({
  evidence,
  service,
  cluster,
  flags,
}: DoctorContext): CheckOutcome | undefined {
  const { deployments = [], events = [] } = knownValue(evidence.service) ?? {};
  const failed = deployments.reduce((sum, { failedTasks = 0 }) => sum + failedTasks, 0);
  const name = service ?? '';
  const event = events.find(({ message = '' }) => /failed|unable to|unhealthy/i.test(message));
  if (failed === 0) return undefined;
  const said = event?.message?.replace(`(service ${name}) `, '');
  return {
    status: 'fail',
    message: `No task of service ${name} stays up: ${failed} ${failed === 1 ? 'has' : 'have'} failed.${said === undefined ? '' : ` ECS says: ${said}`}`,
    fix: {
      summary: 'See why they stopped',
      command: ecshCommand(['describe', `${cluster}/${name}`], flags),
    },
    evidence: { running: 0, failed, event: event?.message },
  };
}

function isToStay({ lastStatus, desiredStatus }: Task): boolean {
  return lastStatus === 'RUNNING' && desiredStatus !== 'STOPPED';
}

/** The agent is still starting, or a deployment in progress is about to replace the task. */
function passesByItself({ task, cause }: Broken, context: DoctorContext): boolean {
  const unfinished = unfinishedDeployment(context);
  const isReplaced = unfinished?.rolloutState === 'IN_PROGRESS' && task.startedBy !== unfinished.id;
  return cause.retryable || isReplaced;
}

const UNFINISHED: Readonly<Record<string, string>> = {
  IN_PROGRESS: 'is in progress',
  PAUSED: 'is paused, and replaces no more tasks until somebody continues it',
  FAILED: 'has failed',
};

function unfinishedDeployment({ evidence }: DoctorContext) {
  const { deployments = [] } = knownValue(evidence.service) ?? {};
  return deployments.find(
    ({ status, rolloutState = '' }) => status === 'PRIMARY' && rolloutState in UNFINISHED,
  );
}

/** A paused deployment must continue first, because ECS does not replace tasks meanwhile. */
function fixOf({ task, cause }: Broken, context: DoctorContext): CheckFix | undefined {
  const unfinished = unfinishedDeployment(context);
  return unfinished?.rolloutState === 'PAUSED' && task.startedBy !== unfinished.id
    ? { summary: `Continue deployment ${unfinished.id}, or roll it back.` }
    : cause.fix;
}

/** For example `1 of 3 running tasks can be entered; 2 cannot: exec agent STOPPED: 1a…, 2b….` */
function sentence(broken: readonly Broken[], running: number, context: DoctorContext): string {
  const name = context.container?.name;
  const ready = running - broken.length;
  const causes = [...new Set(broken.map((each) => reasonOf(each, name)))].map((reason) => {
    const ids = broken
      .filter((each) => reasonOf(each, name) === reason)
      .map(({ task }) => nameInArn(task.taskArn));
    const more = ids.length - NAMED_TASKS;
    const named = ids.slice(0, NAMED_TASKS).join(', ');
    return `${reason}: ${named}${more > 0 ? ` and ${more} more` : ''}`;
  });
  const { id, rolloutState = '' } = unfinishedDeployment(context) ?? {};
  const progress = id === undefined ? '' : ` Deployment ${id} ${UNFINISHED[rolloutState]}.`;
  return `${ready} of ${running} running tasks can be entered; ${broken.length} cannot: ${causes.join('; ')}.${progress}`;
}

/** The reason without the details in which the tasks differ. */
function reasonOf({ task, cause }: Broken, name: string | undefined): string {
  switch (cause.id) {
    case 'exec-enabled':
      return 'ECS Exec was off when they were launched';
    case 'exec-agent-present':
      return 'they have no exec agent';
    case 'exec-agent-status': {
      const container = task.containers.find(({ name: own }) => own === name);
      const agent = container === undefined ? undefined : execAgent(container);
      const reason = agent?.reason ?? '';
      return `exec agent ${agent?.lastStatus ?? 'not RUNNING'}${reason === '' ? '' : ` (${reason})`}`;
    }
    case 'fargate-platform-version':
      return `Fargate platform ${task.platformVersion}`;
    default:
      return cause.message.replace(/\.$/, '');
  }
}
