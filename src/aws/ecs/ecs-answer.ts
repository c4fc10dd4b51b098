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
 * Converts a task of the SDK, whose types make every field optional.
 *
 * @returns a list with the task, or an empty list if the ARN of the task or of its cluster is missing
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

/** Converts tags of the SDK. A missing key or value becomes an empty string. */
export function toTags(tags: readonly SdkTag[] | undefined): readonly TaskTag[] {
  return (tags ?? []).map(({ key = '', value = '' }) => ({ key, value }));
}

/**
 * Converts the session in a response to ExecuteCommand.
 *
 * @throws EcshError `answer-unreadable` if a field is missing
 */
export function toSession(session: SdkSession | undefined): ExecSession {
  const { sessionId, streamUrl, tokenValue } = session ?? {};
  if (sessionId === undefined || streamUrl === undefined || tokenValue === undefined) {
    throw new EcshError('answer-unreadable', 'The answer to ExecuteCommand has no session.', {
      hint: 'Check --endpoint-url: the server that answered does not look like ECS.',
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
