import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import type { ServiceDeployment } from '#domain/ports/ecs-admin-ports.ts';
import type { DeploymentDetails, ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { execAgent } from '#domain/resolve/candidates.ts';
import { sidecarFeature } from '#domain/resolve/selection.ts';
import type { Task } from '#domain/resolve/task.ts';
import { counted } from './counted.ts';
import { primaryDeployment } from './exec-change.ts';

export type WaitFor = 'all' | 'first';

export interface RolloutGoal {
  /** The required flag of new tasks. Undefined: any; a task counts as soon as it runs. */
  readonly isOn?: boolean | undefined;
  readonly waitFor: WaitFor;
  /** Earlier deployments: an answer with one of them as PRIMARY is out of date. */
  readonly formerIds: readonly (string | undefined)[];
}

/** One snapshot of a service. */
export interface RolloutLook {
  readonly service: ServiceDetails;
  /** The desired tasks. */
  readonly tasks: readonly Task[];
  /** Undefined unless requested. */
  readonly latest?: ServiceDeployment | undefined;
}

/** The deployment that is watched, and the reason. */
export interface Followed {
  readonly id: string;
  /** `rolled-back`: ECS replaced our deployment by it. `superseded`: someone else started it. */
  readonly origin: 'own' | 'rolled-back' | 'superseded';
}

export type RolloutVerdict =
  | { readonly kind: 'going' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

/** The progress of one task of the deployment. */
export type TaskState = 'ready' | 'starting' | 'agent-starting' | 'agent-stopped' | 'wrong-flag';

export interface RolloutProgress {
  readonly followed: Followed;
  readonly desired: number;
  readonly states: ReadonlyMap<Task, TaskState>;
  /** Running tasks of other deployments. */
  readonly old: number;
  readonly failedTasks: number;
  readonly stage: string | undefined;
  readonly verdict: RolloutVerdict;
}

/** Evaluates one snapshot of the watched deployment. */
export function judgeRollout(
  look: RolloutLook,
  goal: RolloutGoal,
  before: Followed,
): RolloutProgress {
  const { service, tasks, latest } = look;
  const followed = follow(look, goal, before);
  const { deployments = [], desiredCount = 0 } = service;
  const deployment = deployments.find(({ id }) => id === followed.id);
  const own = tasks.filter(({ startedBy }) => startedBy === followed.id);
  const states = new Map(own.map((task) => [task, taskStateOf(task, goal)]));
  const progress = {
    followed,
    desired: desiredCount,
    states,
    old: tasks.length - own.length,
    failedTasks: deployments.reduce((sum, { failedTasks = 0 }) => sum + failedTasks, 0),
    stage: latest?.lifecycleStage,
  };
  return { ...progress, verdict: verdictOf({ look, goal, deployment, progress }) };
}

/** `1 of 2 tasks replaced; 1 agent starting`. */
export function describeProgress(
  progress: RolloutProgress,
  { isOn }: Pick<RolloutGoal, 'isOn'>,
): string {
  const { followed, desired, old, failedTasks, stage } = progress;
  const parts = [
    `${count(progress, 'ready')} of ${counted(desired, 'task')} ${isOn ? 'ready' : 'replaced'}`,
    ...some(count(progress, 'starting'), 'starting'),
    ...some(count(progress, 'agent-starting'), 'waiting for the exec agent'),
    ...some(count(progress, 'agent-stopped'), 'with a stopped exec agent'),
    ...some(count(progress, 'wrong-flag'), `without ECS Exec ${isOn ? 'on' : 'off'}`),
    ...some(old, 'old'),
    ...some(failedTasks, 'failed'),
    ...(stage === undefined ? [] : [stage.toLowerCase().replaceAll('_', ' ')]),
  ];
  return `${followed.origin === 'rolled-back' ? 'Rolling back: ' : ''}${parts.join(', ')}`;
}

/** The number of tasks in this state. */
export function tasksIn({ states }: RolloutProgress, wanted: TaskState): readonly Task[] {
  return [...states].flatMap(([task, state]) => (state === wanted ? [task] : []));
}

function count(progress: RolloutProgress, state: TaskState): number {
  return tasksIn(progress, state).length;
}

function some(number: number, what: string): readonly string[] {
  return number === 0 ? [] : [`${number} ${what}`];
}

/** With a circuit breaker that rolls back, ECS starts a deployment with another id. */
function follow(
  { service, latest }: RolloutLook,
  { formerIds }: RolloutGoal,
  before: Followed,
): Followed {
  const primary = primaryDeployment(service);
  if (primary?.id === undefined || primary.id === before.id) return before;
  if (formerIds.includes(primary.id)) return before;
  const failed = service.deployments?.find(({ id }) => id === before.id);
  const isRolledBack =
    failed?.rolloutState === 'FAILED' ||
    isRollback(primary) ||
    (latest?.status ?? '').startsWith('ROLLBACK');
  return { id: primary.id, origin: isRolledBack ? 'rolled-back' : 'superseded' };
}

/** Whether ECS started a deployment to replace a failed one. */
export function isRollback(deployment: DeploymentDetails | undefined): boolean {
  return /circuit breaker|roll(ing|ed) back/i.test(deployment?.rolloutStateReason ?? '');
}

/** The progress of one task. */
export function taskStateOf(task: Task, { isOn }: Pick<RolloutGoal, 'isOn'>): TaskState {
  if (isOn !== undefined && task.enableExecuteCommand !== isOn) return 'wrong-flag';
  if (task.lastStatus !== 'RUNNING') return 'starting';
  if (!isOn) return 'ready';
  // A container that has exited, such as an init container, needs no agent any more.
  const agents = task.containers
    .filter(
      ({ name, lastStatus }) => sidecarFeature(name) === undefined && lastStatus !== 'STOPPED',
    )
    .map((container) => execAgent(container)?.lastStatus);
  if (agents.includes('STOPPED')) return 'agent-stopped';
  return agents.length > 0 && agents.every((status) => status === 'RUNNING')
    ? 'ready'
    : 'agent-starting';
}

interface Judged {
  readonly look: RolloutLook;
  readonly goal: RolloutGoal;
  readonly deployment: DeploymentDetails | undefined;
  readonly progress: Omit<RolloutProgress, 'verdict'>;
}

function verdictOf({ look, goal, deployment, progress }: Judged): RolloutVerdict {
  const { service, latest } = look;
  const { followed, desired, states } = progress;
  if (service.status !== undefined && service.status !== 'ACTIVE') {
    return failed('service-not-active', `The service became ${service.status}.`);
  }
  const isComplete = deployment?.rolloutState === 'COMPLETED';
  const stateCount = (state: TaskState) => [...states.values()].filter((s) => s === state).length;
  if (followed.origin === 'rolled-back') {
    if (!isComplete) return GOING;
    const why = whyRolledBack(look, deployment);
    return failed(
      'rollout-rolled-back',
      `The deployment was rolled back${why} ${flagsOf(states, goal)}`,
    );
  }
  if (deployment?.rolloutState === 'FAILED') {
    // Its replacement may be about to appear.
    const record = latest?.status ?? '';
    const isRollingBack = rollsBack(service) || record.startsWith('ROLLBACK_');
    if (isRollingBack && record !== 'ROLLBACK_FAILED') return GOING;
    return failed(
      'rollout-failed',
      `The deployment failed. ${deployment.rolloutStateReason ?? ''}`.trim(),
    );
  }
  if (/^(STOPPED|STOP_REQUESTED)$/.test(latest?.status ?? '') && !isComplete) {
    return failed(
      'rollout-failed',
      `The deployment was stopped. ${latest?.statusReason ?? ''}`.trim(),
    );
  }
  if (goal.waitFor === 'first' && stateCount('ready') > 0) return { kind: 'done' };
  if (!isComplete) return GOING;
  if (stateCount('wrong-flag') > 0) {
    return failed('flag-not-taken', 'The new tasks were started with the flag as it was before.');
  }
  if (stateCount('agent-stopped') > 0) return agentStopped(states);
  return stateCount('ready') >= desired ? { kind: 'done' } : GOING;
}

const GOING: RolloutVerdict = { kind: 'going' };

function failed(code: ErrorCode, message: string): RolloutVerdict {
  return { kind: 'failed', code, message };
}

function rollsBack({ deploymentConfiguration }: ServiceDetails): boolean {
  return deploymentConfiguration?.deploymentCircuitBreaker?.rollback === true;
}

/** The text of ECS for the failed deployment, otherwise for its replacement. */
function whyRolledBack(
  { service, latest }: RolloutLook,
  deployment: DeploymentDetails | undefined,
): string {
  const broken = service.deployments?.find(({ rolloutState }) => rolloutState === 'FAILED');
  const why =
    broken?.rolloutStateReason ?? latest?.statusReason ?? deployment?.rolloutStateReason ?? '';
  return why === '' ? '.' : `: ${why.replace(/\.$/, '')}.`;
}

/** Read from the tasks, because AWS does not document whether they have the flag. */
function flagsOf(states: RolloutProgress['states'], { isOn }: RolloutGoal): string {
  const on = [...states.keys()].filter(({ enableExecuteCommand }) => enableExecuteCommand);
  if (states.size === 0) return 'No task of it is running.';
  if (isOn === undefined) return `${counted(states.size, 'task')} of the former deployment run.`;
  const who = `ECS Exec is on in ${on.length} of ${counted(states.size, 'running task')}`;
  const isAsWanted = on.length === (isOn ? states.size : 0);
  return isAsWanted ? `${who}, as wanted.` : `${who}.`;
}

function agentStopped(states: RolloutProgress['states']): RolloutVerdict {
  const [task] = [...states].find(([, state]) => state === 'agent-stopped') ?? [];
  const agents = (task?.containers ?? []).flatMap((container) => execAgent(container) ?? []);
  const reason = agents.find(({ lastStatus }) => lastStatus === 'STOPPED')?.reason;
  const why = reason === undefined ? '' : `: ${reason}`;
  const id = nameInArn(task?.taskArn ?? '');
  return failed(
    'exec-agent-not-running',
    `The tasks were replaced, but the exec agent of task ${id} has stopped${why}.`,
  );
}
