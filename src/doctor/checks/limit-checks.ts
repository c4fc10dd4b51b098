import { dropsAll, ENOUGH_MEMORY, hasExited, isAgentDown, wasKilled } from '#doctor/agent-exit.ts';
import type { DoctorCheck } from '#doctor/check-model.ts';
import { replaceTask } from '#domain/readiness/container-checks.ts';
import { type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { type DefinitionContext, forDefinition, windows } from './definition.ts';
import { DOCS } from './docs.ts';
import { containerPath, reviseFix } from './revision.ts';

/** Memory, CPU, capabilities and the restart policy of the container. */
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

/** CPU units (1024 are one vCPU) below which an agent gets hardly any CPU time. */
const ENOUGH_CPU = 64;

function checkCpu({ container, definition }: DefinitionContext): CheckOutcome {
  const { cpu = 0 } = definition;
  const { name } = container;
  const evidence = { cpu };
  // 0 means no value: the container shares the CPU that the others leave.
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
    // This is the likeliest cause if the root file system and memory are fine.
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
