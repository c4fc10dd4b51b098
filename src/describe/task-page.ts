import type { AwsFlags } from '#domain/errors/aws-command.ts';
import { type ExecReadiness, execReadiness } from '#domain/readiness/readiness.ts';
import { familyOf, nameInArn } from '#domain/resolve/arn.ts';
import { execAgent } from '#domain/resolve/candidates.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import type { Container, Task } from '#domain/resolve/task.ts';

/** A task as `ecsh describe` shows it. Keys are stable. Null means that ECS does not report the value. */
export interface TaskPage {
  readonly kind: 'task';
  readonly cluster: string;
  readonly taskId: string;
  readonly taskArn: string;
  readonly service: string | null;
  readonly family: string;
  /** `family:revision`. */
  readonly taskDefinition: string;
  readonly lastStatus: string;
  readonly desiredStatus: string | null;
  readonly stopCode: string | null;
  readonly stoppedReason: string | null;
  readonly launch: string | null;
  readonly platformVersion: string | null;
  readonly containerInstanceArn: string | null;
  readonly connectivity: string | null;
  readonly startedBy: string | null;
  readonly createdAt: Date | null;
  readonly startedAt: Date | null;
  readonly stoppedAt: Date | null;
  readonly enableExecuteCommand: boolean;
  readonly network: TaskNetwork | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly containers: readonly ContainerPage[];
}

export interface TaskNetwork {
  readonly privateIp: string | null;
  readonly networkInterface: string | null;
  readonly subnet: string | null;
}

export interface ContainerPage {
  readonly name: string;
  readonly lastStatus: string;
  readonly healthStatus: string | null;
  readonly image: string | null;
  readonly imageDigest: string | null;
  readonly runtimeId: string | null;
  readonly exitCode: number | null;
  readonly reason: string | null;
  /** The status of its exec agent. */
  readonly agentStatus: string | null;
  readonly exec: ExecReadiness;
}

export function taskPage(task: Task, flags: AwsFlags): TaskPage {
  const cluster = nameInArn(task.clusterArn);
  return {
    kind: 'task',
    cluster,
    taskId: nameInArn(task.taskArn),
    taskArn: task.taskArn,
    service: serviceOf(task) ?? null,
    family: familyOf(task.taskDefinitionArn),
    taskDefinition: nameInArn(task.taskDefinitionArn),
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus ?? null,
    stopCode: task.stopCode ?? null,
    stoppedReason: task.stoppedReason ?? null,
    launch: task.capacityProviderName ?? task.launchType ?? null,
    platformVersion: task.platformVersion ?? null,
    containerInstanceArn: task.containerInstanceArn ?? null,
    connectivity: task.connectivity ?? null,
    startedBy: task.startedBy ?? null,
    createdAt: task.createdAt ?? null,
    startedAt: task.startedAt ?? null,
    stoppedAt: task.stoppedAt ?? null,
    enableExecuteCommand: task.enableExecuteCommand,
    network: networkOf(task),
    tags: Object.fromEntries(task.tags.map(({ key, value }) => [key, value])),
    containers: task.containers.map((container) =>
      containerPage(container, { task, cluster, flags, containerName: container.name }),
    ),
  };
}

function containerPage(
  container: Container,
  subject: Parameters<typeof execReadiness>[0],
): ContainerPage {
  return {
    name: container.name,
    lastStatus: container.lastStatus,
    healthStatus: container.healthStatus ?? null,
    image: container.image ?? null,
    imageDigest: container.imageDigest ?? null,
    runtimeId: container.runtimeId ?? null,
    exitCode: container.exitCode ?? null,
    reason: container.reason ?? null,
    agentStatus: execAgent(container)?.lastStatus ?? null,
    exec: execReadiness(subject),
  };
}

/** The elastic network interface of an awsvpc task; names as in `attachments[].details[]` (ECS API). */
function networkOf({ attachments }: Task): TaskNetwork | null {
  const details = attachments.find(({ type }) => type === 'ElasticNetworkInterface')?.details;
  if (details === undefined) return null;
  return {
    privateIp: details.privateIPv4Address ?? null,
    networkInterface: details.networkInterfaceId ?? null,
    subnet: details.subnetId ?? null,
  };
}
