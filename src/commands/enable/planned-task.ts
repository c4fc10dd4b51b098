import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import type { ServiceDetails, TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import { sidecarFeature } from '#domain/resolve/selection.ts';
import type { Container, Task } from '#domain/resolve/task.ts';

/** Stands for the network interface that ECS would attach. */
const PLANNED_INTERFACE = 'eni-planned';

export interface TaskPlan {
  readonly service: ServiceDetails;
  /** The task definition of new tasks; undefined if the caller lacks permission to read it. */
  readonly taskDefinition: TaskDefinitionDetails | undefined;
}

/**
 * A running task as its replacement will be: of the definition and the platform of the service. Platform
 * LATEST is new enough; a pinned one stays as it is.
 */
export function replacementOf(task: Task, plan: TaskPlan): Task {
  const { service, taskDefinition } = plan;
  return {
    ...task,
    taskDefinitionArn: service.taskDefinition ?? task.taskDefinitionArn,
    platformVersion: plannedPlatform(service) ?? task.platformVersion,
    containers: containersOf(taskDefinition, task) ?? task.containers,
  };
}

/** The first task of a service without tasks, according to the service; undefined without a definition. */
export function firstTaskOf(plan: TaskPlan): Task | undefined {
  const { service, taskDefinition } = plan;
  const { taskDefinition: taskDefinitionArn, clusterArn = '', serviceName = '' } = service;
  const containers = containersOf(taskDefinition, undefined);
  if (taskDefinitionArn === undefined || containers === undefined) return undefined;
  const provider = service.capacityProviderStrategy?.[0]?.capacityProvider;
  const cluster = clusterArn.split('/').at(-1) ?? '';
  return {
    taskArn: `${clusterArn.replace(/:cluster\/.*$/, '')}:task/${cluster}/planned`,
    clusterArn,
    taskDefinitionArn,
    group: `service:${serviceName}`,
    lastStatus: 'RUNNING',
    launchType: service.launchType ?? (provider?.startsWith('FARGATE') ? 'FARGATE' : 'EC2'),
    capacityProviderName: provider,
    platformVersion: plannedPlatform(service),
    platformFamily: service.platformFamily,
    enableExecuteCommand: true,
    tags: [],
    attachments: plannedAttachments(service),
    overrides: { containers: [] },
    containers,
  };
}

/** Answers about the interface that is only planned as the network configuration of the service says. */
export function withPlannedInterface(ports: DoctorPorts, { service }: TaskPlan): DoctorPorts {
  const {
    subnets = [],
    securityGroups = [],
    assignPublicIp,
  } = service.networkConfiguration?.awsvpcConfiguration ?? {};
  return {
    ...ports,
    ec2: async () => {
      const ec2 = await ports.ec2();
      return {
        ...ec2,
        describeNetworkInterface: async (id) =>
          id === PLANNED_INTERFACE
            ? {
                NetworkInterfaceId: id,
                SubnetId: subnets?.[0],
                Groups: securityGroups.map((GroupId) => ({ GroupId })),
                ...(assignPublicIp === 'ENABLED' ? { Association: { PublicIp: 'assigned' } } : {}),
              }
            : ec2.describeNetworkInterface(id),
      };
    },
  };
}

function plannedPlatform({ platformVersion }: ServiceDetails): string | undefined {
  return platformVersion === 'LATEST' ? '1.4.0' : platformVersion;
}

function plannedAttachments({ networkConfiguration }: ServiceDetails): Task['attachments'] {
  const [subnetId] = networkConfiguration?.awsvpcConfiguration?.subnets ?? [];
  if (subnetId === undefined) return [];
  const networkInterfaceId = PLANNED_INTERFACE;
  const details = { subnetId, networkInterfaceId, privateIPv4Address: 'planned' };
  return [{ type: 'ElasticNetworkInterface', details }];
}

/** Those of the definition, and those that AWS adds; not those that have done their work, as init containers. */
function containersOf(
  taskDefinition: TaskDefinitionDetails | undefined,
  task: Task | undefined,
): readonly Container[] | undefined {
  const definitions = taskDefinition?.containerDefinitions;
  if (definitions === undefined) return undefined;
  const known = task?.containers ?? [];
  const own = definitions.flatMap(({ name, essential = true }): readonly Container[] => {
    if (name === undefined) return [];
    const running = known.find((container) => container.name === name);
    if (running === undefined)
      return essential ? [{ name, lastStatus: 'RUNNING', managedAgents: [] }] : [];
    return running.lastStatus === 'STOPPED' ? [] : [running];
  });
  return [...own, ...known.filter(({ name }) => sidecarFeature(name) !== undefined)];
}
