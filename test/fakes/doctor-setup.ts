import type { EcsDetailsApi } from '#domain/ports/doctor-ports.ts';
import type {
  ClusterDetails,
  ContainerDetails,
  ContainerInstanceDetails,
  ServiceDetails,
  TaskDefinitionDetails,
} from '#domain/ports/ecs-responses.ts';
import type { Container, ManagedAgent, Task } from '#domain/resolve/task.ts';
import { clusterIn, denied, EC2_TASK, TASK, TASK_ROLE, type World } from './doctor-world.ts';
import { RUNNING_AGENT, sampleContainer, sampleTask } from './sample-task.ts';

/** One check: the given facts, its status, and its message. */
export type Case = readonly [name: string, given: World, status: string, message: RegExp];

export const STOPPED = sampleContainer('app', {
  managedAgents: [{ ...RUNNING_AGENT, lastStatus: 'STOPPED' }],
});

/** Runs only the checks of the task's definition and placement. */
export function setup(given: World = {}): World {
  return { areas: ['task', 'setup'], ...given };
}

/** With this definition of `app`. */
export function container(changes: Partial<ContainerDetails>, task: Task = TASK): World {
  return definition({ containerDefinitions: [{ name: 'app', ...changes }] }, task);
}

export function definition(changes: Partial<TaskDefinitionDetails>, task: Task = TASK): World {
  const containerDefinitions = [{ name: 'app', image: 'app:1' }];
  return setup({ task, definition: { taskRoleArn: TASK_ROLE, containerDefinitions, ...changes } });
}

/** The same in a container of Windows on EC2. */
export function windows(changes: Partial<ContainerDetails>, family: string): World {
  return definition(
    {
      runtimePlatform: { operatingSystemFamily: family },
      containerDefinitions: [{ name: 'app', ...changes }],
    },
    EC2_TASK,
  );
}

export const WINDOWS = 'WINDOWS_SERVER_2022_CORE';

export function instance(
  changes: Partial<ContainerInstanceDetails>,
  task: Partial<Task> = {},
): World {
  const details = {
    containerInstanceArn: 'arn:aws:ecs:us-east-1:123456789012:container-instance/prod/c1',
    ec2InstanceId: 'i-1',
    status: 'ACTIVE',
    agentConnected: true,
    versionInfo: { agentVersion: '1.99.0' },
    ...changes,
  };
  return setup({
    task: { ...EC2_TASK, ...task },
    answers: { ecs: { describeContainerInstance: async () => details } },
  });
}

export function service(changes: Partial<ServiceDetails>, task: Task | undefined = TASK): World {
  const details = { serviceName: 'web', enableExecuteCommand: true, ...changes };
  return setup({ task, answers: { ecs: { describeService: async () => details } } });
}

/** The caller lacks permission for this call. */
export function without(call: keyof EcsDetailsApi, task: Task = TASK): World {
  return setup({ task, answers: { ecs: { [call]: denied } } });
}

export const OFF = sampleTask('a1', { enableExecuteCommand: false });

/** A task with these changes in the definition of `app`; all areas are checked. */
export function appTask(changes: Partial<ContainerDetails>, task: Partial<Task> = {}) {
  const definition = {
    taskRoleArn: TASK_ROLE,
    networkMode: 'awsvpc',
    containerDefinitions: [{ name: 'app', image: 'app:1', ...changes }],
  };
  return { definition, task: { ...TASK, ...task } };
}

/** The exec agent of `app` with these changes. */
export function agentWith(
  changes: Partial<ManagedAgent>,
  container: Partial<Container> = {},
): Partial<Task> {
  const managedAgents = [{ ...RUNNING_AGENT, ...changes }];
  return { containers: [sampleContainer('app', { managedAgents, ...container })] };
}

export const NO_AGENT: Partial<Task> = {
  containers: [sampleContainer('app', { managedAgents: [] })],
};

/** A cluster whose sessions are encrypted with this key. */
export function keyedCluster(kmsKeyId: string): ClusterDetails {
  const executeCommandConfiguration = { kmsKeyId, logging: 'NONE' };
  return { ...clusterIn('none'), configuration: { executeCommandConfiguration } };
}
