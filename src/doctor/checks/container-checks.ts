import { type DoctorCheck, isAgentRunning } from '#doctor/check-model.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { areAgentPathsWritable } from '#domain/readiness/agent-paths.ts';
import { type CheckFix, type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { isFargate } from '#domain/readiness/task-checks.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { execAgent } from '#domain/resolve/candidates.ts';
import {
  type DefinitionContext,
  forDefinition,
  forTaskDefinition,
  type TaskDefinitionContext,
  windows,
} from './definition.ts';
import { DOCS } from './docs.ts';
import { containerPath, reviseFix } from './revision.ts';

/** Settings of the container that keep an exec agent from running. */
export const CONTAINER_SETTING_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'readonly-root-fs',
    title: 'Root file system is writable',
    area: 'setup',
    severity: 'fail',
    meaning:
      'The exec agent creates files in the container, so its root file system must not be read-only.',
    remedy:
      'Set readonlyRootFilesystem to false. AWS supports nothing else; empty volumes on /var/lib/amazon/ssm, /var/log/amazon/ssm and, on Fargate, /managed-agents have been seen to work.',
    docs: DOCS.exec,
    run: forDefinition(checkRootFileSystem, windows),
  },
  {
    id: 'init-process',
    title: 'An init process reaps children',
    area: 'setup',
    severity: 'warn',
    meaning:
      'Without an init process, what a session leaves behind stays in the container as zombie processes.',
    remedy: 'Add "linuxParameters": {"initProcessEnabled": true} to the container definition.',
    docs: DOCS.exec,
    run: forDefinition(checkInitProcess, windows),
  },
  {
    id: 'pid-mode',
    title: 'Process namespace is not shared',
    area: 'setup',
    severity: 'fail',
    meaning:
      'Of containers that share a PID namespace only one can be entered, and ECS does not let you choose which.',
    remedy: 'Enter the container whose agent runs, or remove pidMode from the task definition.',
    docs: DOCS.exec,
    run: forTaskDefinition(checkPidMode),
  },
];

function checkRootFileSystem(context: DefinitionContext): CheckOutcome {
  const { container, definition } = context;
  const { readonlyRootFilesystem = false, mountPoints = [] } = definition;
  const evidence = { readonlyRootFilesystem };
  const { name } = container;
  if (!readonlyRootFilesystem) return pass(`${name} has a writable root file system.`, evidence);
  const isCovered = areAgentPathsWritable(mountPoints, { isFargate: isFargate(context.task) });
  const facts = { ...evidence, agentPathsAreWritable: isCovered };
  const isAdvice = isAgentRunning(context);
  if (isCovered) {
    return {
      status: 'warn',
      message: `${name} has a read-only root file system, and writable volumes where the exec agent writes. AWS documents neither.`,
      fix: { summary: 'If its exec agent stops, set readonlyRootFilesystem to false.' },
      evidence: facts,
      isAdvice,
    };
  }
  return {
    status: isAdvice ? 'warn' : 'fail',
    message: `${name} has a read-only root file system. The exec agent must create files there; AWS does not support ECS Exec with it.`,
    fix: writableFix(context),
    evidence: facts,
    isAdvice,
  };
}

/** Volumes keep the root read-only; AWS documents neither them nor their paths. */
function writableFix(context: DefinitionContext): CheckFix {
  const { container, service, cluster, flags, deployer } = context;
  const edit = `${containerPath(container.name)}.readonlyRootFilesystem = false`;
  if (service === undefined || (deployer !== undefined && deployer.type !== 'ECS')) {
    return reviseFix('Make the root file system writable.', context, edit);
  }
  return {
    summary:
      'Mount writable volumes where the agent writes; or, which alone AWS supports, set readonlyRootFilesystem to false',
    command: ecshCommand(['enable', `${cluster}/${service}`, '--writable-agent-paths'], flags),
  };
}

function checkInitProcess(context: DefinitionContext): CheckOutcome {
  const { container, definition, taskDefinition } = context;
  if (taskDefinition.pidMode !== undefined) return skip('The PID namespace is shared.');
  const { initProcessEnabled = false } = definition.linuxParameters ?? {};
  const evidence = { initProcessEnabled };
  const { name } = container;
  if (initProcessEnabled) return pass(`${name} has an init process.`, evidence);
  const edit = `${containerPath(name)}.linuxParameters.initProcessEnabled = true`;
  return {
    status: 'warn',
    message: `${name} has no init process; each session can leave zombie processes behind.`,
    fix: reviseFix('Add one to the task definition.', context, edit),
    evidence,
  };
}

function checkPidMode(context: TaskDefinitionContext): CheckOutcome {
  const { task, container, taskDefinition } = context;
  const { pidMode } = taskDefinition;
  if (pidMode === undefined) return skip('Every container has its own PID namespace.');
  if (pidMode === 'task' && task.containers.length === 1) {
    return pass('The only container of the task has the PID namespace for itself.', { pidMode });
  }
  const running = task.containers.find(
    (candidate) => execAgent(candidate)?.lastStatus === 'RUNNING',
  );
  const evidence = { pidMode, runningAgentIn: running?.name };
  const whom = pidMode === 'host' ? 'The containers of the whole instance' : 'The containers';
  const only = `${whom} share one PID namespace (pidMode: ${pidMode}), which has room for one session: only one of them can be entered, and ECS does not let you choose which.`;
  const isElsewhere = running !== undefined && container !== undefined && !isAgentRunning(context);
  const remove = reviseFix('Give each its own PID namespace.', context, 'del(.pidMode)');
  if (!isElsewhere || pidMode === 'host') {
    const here = running === undefined ? '' : ` Here it is ${running.name}.`;
    return { status: 'warn', message: `${only}${here}`, fix: remove, evidence };
  }
  return {
    status: 'fail',
    message: `${only} Here it is ${running.name}, not ${container.name}.`,
    fix: {
      summary: `Enter ${running.name}, or remove pidMode from the task definition.`,
      command: enterCommand(context, running.name),
    },
    evidence,
  };
}

function enterCommand({ task, cluster, flags }: TaskDefinitionContext, name: string): string {
  return ecshCommand(['shell', `${cluster}/${nameInArn(task.taskArn)}@${name}`], flags);
}
