import { dropsAll, ENOUGH_MEMORY, hasExited, isAgentDown, wasKilled } from '#doctor/agent-exit.ts';
import { type DoctorCheck, isAgentRunning } from '#doctor/check-model.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { areAgentPathsWritable } from '#domain/readiness/agent-paths.ts';
import { replaceTask } from '#domain/readiness/container-checks.ts';
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

/** Checks 17 to 19 of READINESS 1.4. */
export const CONTAINER_CHECKS: readonly DoctorCheck[] = [
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

/** Checks 24 to 26 of READINESS 1.4. */
export const LIMIT_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'memory-headroom',
    title: 'Memory for the exec agent',
    area: 'setup',
    severity: 'warn',
    meaning:
      "The agent and each session count against the container's memory: about 50 MiB, and more for each session.",
    remedy: 'Raise the memory of the container to 128 MiB or more, and leave it some CPU.',
    docs: DOCS.exec,
    run: forDefinition(checkMemory),
  },
  {
    id: 'cpu-headroom',
    title: 'CPU for the exec agent',
    area: 'setup',
    severity: 'info',
    meaning:
      'The agent and what runs in a session share the CPU of the container. With next to none, sessions open late or not at all.',
    remedy: 'Raise the cpu of the container.',
    docs: DOCS.exec,
    run: forDefinition(checkCpu),
  },
  {
    id: 'linux-capabilities',
    title: 'Linux capabilities',
    area: 'setup',
    severity: 'info',
    meaning:
      'Where all capabilities are dropped, root in a session can do little, and the agent may fail to write files that it does not own.',
    remedy: 'Drop fewer capabilities.',
    docs: DOCS.taskDefinition,
    run: forDefinition(checkCapabilities, windows),
  },
  {
    id: 'restart-policy',
    title: 'Container is not restarted in place',
    area: 'setup',
    severity: 'warn',
    meaning:
      'A container that its restart policy has restarted answers TargetNotConnected until the task is replaced.',
    remedy: 'Replace the task.',
    docs: DOCS.restartPolicy,
    run: forDefinition(checkRestartPolicy),
  },
];

function checkMemory(context: DefinitionContext): CheckOutcome {
  const { task, container, definition, taskDefinition } = context;
  const { name } = container;
  const override = task.overrides.containers.find((candidate) => candidate.name === name);
  const ofTask = taskDefinition.memory === undefined ? undefined : Number(taskDefinition.memory);
  const limit = override?.memory ?? definition.memory ?? ofTask;
  const { memoryReservation, cpu } = definition;
  if (limit === undefined) {
    const reserved =
      memoryReservation === undefined ? '' : `, and reserves ${memoryReservation} MiB`;
    return skip(`${name} has no memory limit${reserved}.`);
  }
  const evidence = { memoryLimit: limit, cpu };
  const isDown = isAgentDown(container, task);
  const edit = `${containerPath(name)}.memory = ${Math.max(limit, ENOUGH_MEMORY) * 2}`;
  const fix = reviseFix('Raise its memory.', context, edit);
  if (isDown && wasKilled(container)) {
    const message = `The exec agent of ${name} was killed (exit code 137), as when ${name} runs out of its ${limit} MiB.`;
    return { status: 'fail', message, fix, evidence };
  }
  if (limit >= ENOUGH_MEMORY) return pass(`${name} may use ${limit} MiB.`, evidence);
  const isCause = isDown && definition.readonlyRootFilesystem !== true;
  return {
    status: isCause ? 'fail' : 'warn',
    message: isCause
      ? `${name} may use ${limit} MiB, too little for the exec agent, which has stopped.`
      : `${name} may use ${limit} MiB; the exec agent counts against it, and can be killed for lack of memory or have ${name} killed.`,
    fix,
    evidence,
  };
}

/** CPU units, of 1024 for a vCPU, below which an agent has hardly any. */
const ENOUGH_CPU = 64;

function checkCpu({ container, definition }: DefinitionContext): CheckOutcome {
  const { cpu = 0 } = definition;
  const { name } = container;
  const evidence = { cpu };
  // 0, as without a value: the container shares what the others leave.
  if (cpu === 0 || cpu >= ENOUGH_CPU) return pass(`${name} has enough CPU.`, evidence);
  return {
    status: 'info',
    message: `${name} has ${cpu} CPU units of 1024, and the exec agent shares them: a session may open late.`,
    fix: { summary: 'Raise its cpu.' },
    evidence,
  };
}

function checkCapabilities(context: DefinitionContext): CheckOutcome {
  const { container, definition, task } = context;
  const { dockerSecurityOptions = [], linuxParameters } = definition;
  const drop = linuxParameters?.capabilities?.drop ?? [];
  const evidence = { drop, dockerSecurityOptions };
  const { name } = container;
  if (dropsAll(drop)) {
    // The likeliest cause where neither the root file system nor memory is one.
    const isCause = isAgentDown(container, task) && hasExited(container) && !wasKilled(container);
    if (isCause && definition.readonlyRootFilesystem !== true) {
      return {
        status: 'fail',
        message: `${name} drops all capabilities, and its exec agent has exited: it cannot write files that it does not own.`,
        fix: reviseFix(
          'Drop fewer capabilities.',
          context,
          `del(${containerPath(name)}.linuxParameters.capabilities.drop)`,
        ),
        evidence,
      };
    }
    return {
      status: 'info',
      message: `${name} drops all capabilities; root in a session will be weak, and the exec agent may fail to write files it does not own.`,
      fix: { summary: 'Drop fewer, if that is in the way.' },
      evidence,
    };
  }
  if (dockerSecurityOptions.some((option) => option.startsWith('no-new-privileges'))) {
    return {
      status: 'info',
      message: `${name} forbids new privileges; su, sudo and ping will not work in a session.`,
      evidence,
    };
  }
  return pass(`${name} keeps capabilities.`, evidence);
}

function checkRestartPolicy(context: DefinitionContext): CheckOutcome {
  const { container, definition } = context;
  const isEnabled = definition.restartPolicy?.enabled === true;
  const evidence = { restartPolicy: isEnabled };
  const { name } = container;
  if (!isEnabled) return pass(`ECS does not restart ${name} in place.`, evidence);
  return {
    status: 'warn',
    message: `${name} has a restart policy. Once it has been restarted in place, it cannot be entered until the task is replaced.`,
    fix: replaceTask(context),
    evidence,
  };
}
