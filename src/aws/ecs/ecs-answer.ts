import type {
  Attachment as SdkAttachment,
  Container as SdkContainer,
  ManagedAgent as SdkManagedAgent,
  Session as SdkSession,
  Tag as SdkTag,
  Task as SdkTask,
  TaskOverride as SdkTaskOverride,
} from '@aws-sdk/client-ecs';
import { EcshError } from '#domain/errors/errors.ts';
import type { ExecSession } from '#domain/ports/session-ports.ts';
import type {
  Attachment,
  Container,
  ManagedAgent,
  Task,
  TaskOverrides,
  TaskTag,
} from '#domain/resolve/task.ts';

/**
 * The task as ecsh reads it: everything is optional in the SDK's types.
 *
 * @returns a list with the task, or an empty one if the answer names none
 */
export function toTask(task: SdkTask): readonly Task[] {
  const { taskArn, clusterArn } = task;
  if (taskArn === undefined || clusterArn === undefined) return [];
  return [
    {
      taskArn,
      clusterArn,
      taskDefinitionArn: task.taskDefinitionArn ?? '',
      group: task.group,
      lastStatus: task.lastStatus ?? 'UNKNOWN',
      desiredStatus: task.desiredStatus,
      stopCode: task.stopCode,
      stoppedReason: task.stoppedReason,
      launchType: task.launchType,
      capacityProviderName: task.capacityProviderName,
      containerInstanceArn: task.containerInstanceArn,
      platformVersion: task.platformVersion,
      platformFamily: task.platformFamily,
      connectivity: task.connectivity,
      connectivityAt: task.connectivityAt,
      enableExecuteCommand: task.enableExecuteCommand ?? false,
      createdAt: task.createdAt,
      startedAt: task.startedAt,
      pullStartedAt: task.pullStartedAt,
      pullStoppedAt: task.pullStoppedAt,
      stoppedAt: task.stoppedAt,
      startedBy: task.startedBy,
      tags: toTags(task.tags),
      attachments: (task.attachments ?? []).map(toAttachment),
      overrides: toOverrides(task.overrides),
      containers: (task.containers ?? []).flatMap(toContainer),
    },
  ];
}

/** Tags as ecsh reads them. */
export function toTags(tags: readonly SdkTag[] | undefined): readonly TaskTag[] {
  return (tags ?? []).map(({ key = '', value = '' }) => ({ key, value }));
}

/**
 * The session of an ExecuteCommand answer.
 *
 * @throws EcshError `answer-unreadable` when a part is missing.
 */
export function toSession(session: SdkSession | undefined): ExecSession {
  const { sessionId, streamUrl, tokenValue } = session ?? {};
  if (sessionId === undefined || streamUrl === undefined || tokenValue === undefined) {
    throw new EcshError('answer-unreadable', 'ECS answered ExecuteCommand without a session.', {
      hint: 'Check --endpoint-url: this does not look like ECS.',
    });
  }
  return { sessionId, streamUrl, tokenValue };
}

function toContainer(container: SdkContainer): readonly Container[] {
  if (container.name === undefined) return [];
  return [
    {
      name: container.name,
      runtimeId: container.runtimeId,
      lastStatus: container.lastStatus ?? 'UNKNOWN',
      healthStatus: container.healthStatus,
      exitCode: container.exitCode,
      reason: container.reason,
      image: container.image,
      imageDigest: container.imageDigest,
      managedAgents: (container.managedAgents ?? []).flatMap(toManagedAgent),
    },
  ];
}

function toAttachment({ type = '', details = [] }: SdkAttachment): Attachment {
  const pairs = details.map(({ name = '', value = '' }) => [name, value] as const);
  return { type, details: Object.fromEntries(pairs) };
}

function toOverrides(overrides: SdkTaskOverride | undefined): TaskOverrides {
  const containers = overrides?.containerOverrides ?? [];
  return {
    taskRoleArn: overrides?.taskRoleArn,
    containers: containers.map(({ name = '', environment = [], memory }) => ({
      name,
      environment: environment.map((variable) => ({
        name: variable.name ?? '',
        value: variable.value ?? '',
      })),
      memory,
    })),
  };
}

function toManagedAgent(agent: SdkManagedAgent): readonly ManagedAgent[] {
  if (agent.name === undefined) return [];
  return [
    {
      name: agent.name,
      lastStatus: agent.lastStatus ?? 'UNKNOWN',
      reason: agent.reason,
      lastStartedAt: agent.lastStartedAt,
    },
  ];
}
