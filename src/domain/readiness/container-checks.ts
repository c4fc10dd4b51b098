import { nameInArn } from '#domain/resolve/arn.ts';
import { execAgent } from '#domain/resolve/candidates.ts';
import { isWindows, serviceOf, sidecarFeature } from '#domain/resolve/selection.ts';
import type { Container, ManagedAgent } from '#domain/resolve/task.ts';
import { type ExitCause, explainAgentReason } from './agent-reason.ts';
import {
  type Check,
  type CheckContext,
  type CheckFix,
  type CheckOutcome,
  pass,
  skip,
} from './readiness-model.ts';
import { redeployFix } from './redeploy.ts';
import { exitOf } from './task-checks.ts';

/** A restart of the agent is reported if it happened this long after the task's start. */
const LATE_RESTART = 5 * 60_000;

/** The choice of the container, and its exec agent. */
export const CONTAINER_CHECKS: readonly Check[] = [
  { id: 'container-selection', title: 'Container', severity: 'fail', run: checkSelection },
  { id: 'managed-sidecars', title: 'AWS sidecars', severity: 'info', run: checkSidecars },
  {
    id: 'container-running',
    title: 'Container is running',
    severity: 'fail',
    run: forContainer(checkRunning),
  },
  {
    id: 'container-runtime-id',
    title: 'Container has a runtime id',
    severity: 'fail',
    run: forContainer(checkRuntimeId),
  },
  {
    id: 'exec-agent-present',
    title: 'Exec agent was added',
    severity: 'fail',
    run: forContainer(checkAgentPresent),
  },
  {
    id: 'exec-agent-status',
    title: 'Exec agent is running',
    severity: 'fail',
    run: forContainer(checkAgentStatus),
  },
  {
    id: 'exec-agent-restarted',
    title: 'Exec agent was not restarted',
    severity: 'info',
    run: forContainer(checkAgentRestarted),
  },
];

/** The health check of the container. */
export const HEALTH_CHECK: Check = {
  id: 'container-health',
  title: 'Container is healthy',
  severity: 'info',
  run: forContainer(checkHealth),
};

function forContainer(run: (container: Container, context: CheckContext) => CheckOutcome) {
  return (context: CheckContext): CheckOutcome =>
    context.container === undefined
      ? skip('No container is chosen.')
      : run(context.container, context);
}

function checkSelection({ task, container, containerName }: CheckContext): CheckOutcome {
  const names = task.containers.map(({ name }) => name);
  const evidence = { containers: names, chosen: container?.name };
  if (container !== undefined) return pass(`Container is ${container.name}.`, evidence);
  const id = nameInArn(task.taskArn);
  if (names.length === 0) {
    const message = `Task ${id} has no containers yet.`;
    return { status: 'fail', message, evidence, retryable: task.lastStatus !== 'STOPPED' };
  }
  const own = names.filter((name) => sidecarFeature(name) === undefined);
  const message =
    containerName === undefined
      ? `Task ${id} has several containers: ${(own.length > 0 ? own : names).join(', ')}.`
      : `Task ${id} has no container "${containerName}", but: ${names.join(', ')}.`;
  const fix = { summary: 'Choose one with -c CONTAINER.' };
  return { status: 'fail', message, fix, evidence };
}

function checkSidecars({ task, container, containerName }: CheckContext): CheckOutcome {
  if (task.containers.length <= 1) return skip('The task has a single container.');
  const sidecars = task.containers.filter(({ name }) => sidecarFeature(name) !== undefined);
  const evidence = { sidecars: sidecars.map(({ name }) => name) };
  if (sidecars.length === 0) return pass('AWS added no container to the task.', evidence);
  const feature = container === undefined ? undefined : sidecarFeature(container.name);
  if (container !== undefined && feature !== undefined) {
    const message = `${container.name} is added by ${feature}, not by your task definition.`;
    const fix = { summary: 'Choose one of your own containers with -c CONTAINER.' };
    return { status: containerName === undefined ? 'info' : 'warn', message, fix, evidence };
  }
  const added = sidecars.map(({ name }) => `${name} (${sidecarFeature(name)})`).join(', ');
  const chosen = container === undefined ? '' : ` ${container.name} was chosen.`;
  return { status: 'info', message: `AWS added ${added} to the task.${chosen}`, evidence };
}

function checkRunning(container: Container, context: CheckContext): CheckOutcome {
  const { name, lastStatus, exitCode, reason } = container;
  const evidence = { lastStatus, exitCode, reason };
  if (lastStatus === 'RUNNING') return pass(`Container ${name} is RUNNING.`, evidence);
  const message = `Container ${name} is ${lastStatus}${exitOf(container)}.`;
  if (lastStatus !== 'STOPPED') {
    const fix = { summary: 'Wait until it is RUNNING, for example with --wait 5m.' };
    return { status: 'fail', message, fix, evidence, retryable: true };
  }
  return { status: 'fail', message, fix: replaceTask(context), evidence };
}

function checkRuntimeId({ name, runtimeId }: Container, { resultOf }: CheckContext): CheckOutcome {
  const evidence = { runtimeId };
  if (runtimeId !== undefined) return pass(`Runtime id is ${runtimeId}.`, evidence);
  const running = resultOf('container-running');
  if (running?.status === 'fail' && !running.retryable) return skip('The container has stopped.');
  const message = `Container ${name} has no runtime id yet.`;
  const fix = { summary: 'Wait a moment and try again.' };
  return { status: 'fail', message, fix, evidence, retryable: true };
}

function checkAgentPresent(container: Container, context: CheckContext): CheckOutcome {
  const { resultOf } = context;
  if (resultOf('exec-enabled')?.status === 'fail') return skip('ECS Exec is off.');
  const evidence = { managedAgents: container.managedAgents.map(({ name }) => name) };
  if (execAgent(container) !== undefined) return pass('ECS added the exec agent.', evidence);
  if (resultOf('container-running')?.status === 'fail')
    return skip('The container is not running.');
  return {
    status: 'fail',
    message: `ECS Exec is on, but ECS added no exec agent to container ${container.name}. Usual reasons: an old Fargate platform or ECS agent, an unsupported operating system, or placement before an instance existed.`,
    fix: replaceTask(context),
    evidence,
  };
}

function checkAgentStatus(container: Container, context: CheckContext): CheckOutcome {
  const { resultOf } = context;
  if (resultOf('exec-enabled')?.status === 'fail') return skip('ECS Exec is off.');
  const agent = execAgent(container);
  if (agent === undefined) return skip('There is no exec agent.');
  const { lastStatus, reason, lastStartedAt } = agent;
  const evidence = { lastStatus, reason, lastStartedAt };
  if (lastStatus === 'RUNNING') return pass('The exec agent is RUNNING.', evidence);
  if (lastStatus === 'PENDING') return { ...agentPending(container, context), evidence };
  return { status: 'fail', ...agentDown(container, agent, context), evidence };
}

/** An agent that has not started in this time will not start any more: ECS tries for about ten minutes. */
const STUCK_AFTER_MS = 10 * 60_000;

function agentPending({ name }: Container, context: CheckContext): CheckOutcome {
  const { task, now } = context;
  const since = task.startedAt ?? task.createdAt;
  const age = now === undefined || since === undefined ? 0 : now - since.getTime();
  if (age <= STUCK_AFTER_MS) {
    const message = `The exec agent of container ${name} is PENDING.`;
    const fix = { summary: 'Wait until it is RUNNING, for example with --wait 5m.' };
    return { status: 'fail', message, fix, retryable: true };
  }
  const message = `The exec agent of container ${name} has been PENDING since ${since?.toISOString()}, and will not start any more.`;
  return { status: 'fail', message, fix: replaceTask(context) };
}

function agentDown(container: Container, agent: ManagedAgent, context: CheckContext) {
  const known = explainAgentReason(agent.reason, ruledOutBy(context));
  const quoted = agent.reason === undefined || agent.reason === '' ? '' : ` (${agent.reason})`;
  const meaning = known?.meaning ?? sharedNamespace(container, agent, context);
  const text = `The exec agent of container ${container.name} is ${agent.lastStatus}${quoted}.`;
  return {
    message: meaning === '' ? text : `${text} ${meaning}`,
    fix: known === undefined ? replaceTask(context) : reasonFix(known.fix, context),
  };
}

/** Windows has neither a read-only root nor capabilities. */
function ruledOutBy({ task, ruledOut = [] }: CheckContext): readonly ExitCause[] {
  return isWindows(task) ? [...ruledOut, 'read-only root', 'capabilities'] : ruledOut;
}

function reasonFix(summary: string, context: CheckContext): CheckFix {
  const { command } = replaceTask(context);
  if (command === undefined || !/replace the task\.$/i.test(summary)) return { summary };
  return { summary, command };
}

/** Only one of the containers that share a PID namespace can have an agent. */
function sharedNamespace(
  container: Container,
  agent: ManagedAgent,
  { task }: CheckContext,
): string {
  if (agent.reason !== undefined && agent.reason !== '') return '';
  const other = task.containers.find(
    (sibling) => sibling !== container && execAgent(sibling)?.lastStatus === 'RUNNING',
  );
  if (other === undefined) return '';
  return `That of ${other.name} runs: if the task sets pidMode, only one container can be entered.`;
}

function checkAgentRestarted(container: Container, { task, resultOf }: CheckContext): CheckOutcome {
  if (resultOf('exec-agent-status')?.status !== 'pass')
    return skip('The exec agent is not running.');
  const restartedAt = execAgent(container)?.lastStartedAt;
  const evidence = { lastStartedAt: restartedAt, startedAt: task.startedAt };
  if (restartedAt === undefined || task.startedAt === undefined) {
    return { status: 'unknown', message: 'ECS does not say when the agent was started.', evidence };
  }
  const late = restartedAt.getTime() - task.startedAt.getTime();
  if (late <= LATE_RESTART) return pass('The exec agent started with the task.', evidence);
  return {
    status: 'info',
    message: `The exec agent was restarted at ${restartedAt.toISOString()}, ${Math.round(late / 60_000)} min after the task; a session may have killed it, or the container was restarted.`,
    fix: { summary: 'Set linuxParameters.initProcessEnabled in the task definition.' },
    evidence,
  };
}

function checkHealth({ name, healthStatus }: Container): CheckOutcome {
  const evidence = { healthStatus };
  if (healthStatus !== 'UNHEALTHY') return pass(`Container ${name} is not unhealthy.`, evidence);
  const message = `Container ${name} is UNHEALTHY; a service may replace the task during your session.`;
  return { status: 'info', message, evidence };
}

/** The fix if nothing can be changed in the task itself. */
export function replaceTask({
  task,
  cluster,
  flags,
  deployer,
}: Pick<CheckContext, 'task' | 'cluster' | 'flags' | 'deployer'>): CheckFix {
  const service = serviceOf(task);
  if (service === undefined) return { summary: 'Start a new task in its place.' };
  return redeployFix({ service, cluster, flags, deployer });
}
