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

/** Checks of container settings that the exec agent depends on. */
export const CONTAINER_SETTING_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'readonly-root-fs',
    title: 'Root file system is writable',
    area: 'setup',
    severity: 'fail',
    meaning:
      'The exec agent creates files in the container, so its root file system must not be read-only.',
    remedy:
      'Set readonlyRootFilesystem to false. AWS supports nothing else, but empty volumes on /var/lib/amazon/ssm, /var/log/amazon/ssm and, on Fargate, /managed-agents have worked in practice.',
    docs: DOCS.exec,
    run: forDefinition(checkRootFileSystem, windows),
  },
  {
    id: 'init-process',
    title: 'An init process reaps children',
    area: 'setup',
    severity: 'warn',
    meaning:
      'Without an init process, processes that a session leaves behind stay in the container as zombies.',
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
      'If containers share a PID namespace, sessions can be opened in only one of them, and ECS does not let you choose which.',
    remedy:
      'Enter the container whose exec agent is running, or remove pidMode from the task definition.',
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
      message: `${name} has a read-only root file system, but writable volumes where the exec agent writes. AWS does not document this setup.`,
      fix: { summary: 'If its exec agent stops, set readonlyRootFilesystem to false.' },
      evidence: facts,
      isAdvice,
    };
  }
  return {
    status: isAdvice ? 'warn' : 'fail',
    message: `${name} has a read-only root file system. The exec agent must create files there, so AWS does not support ECS Exec with a read-only root.`,
    fix: writableFix(context),
    evidence: facts,
    isAdvice,
  };
}

/** With volumes, the root can stay read-only, but AWS documents neither the volumes nor their paths. */
function writableFix(context: DefinitionContext): CheckFix {
  const { container, service, cluster, flags, deployer } = context;
  const edit = `${containerPath(container.name)}.readonlyRootFilesystem = false`;
  if (service === undefined || (deployer !== undefined && deployer.type !== 'ECS')) {
    return reviseFix('Make the root file system writable.', context, edit);
  }
  return {
    summary:
      'Mount writable volumes where the agent writes, or set readonlyRootFilesystem to false (AWS supports only that)',
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
    message: `${name} has no init process, so each session can leave zombie processes behind.`,
    fix: reviseFix('Enable the init process in the task definition.', context, edit),
    evidence,
  };
}

function checkPidMode(context: TaskDefinitionContext): CheckOutcome {
  const { task, container, taskDefinition } = context;
  const { pidMode } = taskDefinition;
  if (pidMode === undefined) return skip('Every container has its own PID namespace.');
  if (pidMode === 'task' && task.containers.length === 1) {
    return pass('The only container of the task has the PID namespace to itself.', { pidMode });
  }
  const running = task.containers.find(
    (candidate) => execAgent(candidate)?.lastStatus === 'RUNNING',
  );
  const evidence = { pidMode, runningAgentIn: running?.name };
  const sharing =
    pidMode === 'host' ? 'All containers of the instance' : 'All containers of the task';
  const rule = `${sharing} share one PID namespace (pidMode: ${pidMode}), and ECS Exec allows one session per namespace. Only one container can be entered, and ECS does not let you choose which.`;
  const isElsewhere = running !== undefined && container !== undefined && !isAgentRunning(context);
  const remove = reviseFix('Give each container its own PID namespace.', context, 'del(.pidMode)');
  if (!isElsewhere || pidMode === 'host') {
    const here = running === undefined ? '' : ` Here it is ${running.name}.`;
    return { status: 'warn', message: `${rule}${here}`, fix: remove, evidence };
  }
  return {
    status: 'fail',
    message: `${rule} Here it is ${running.name}, not ${container.name}.`,
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
