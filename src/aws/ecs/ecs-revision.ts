import {
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import type { RevisionDraft } from '#domain/ports/ecs-admin-ports.ts';
import { mountPointsOf } from '#domain/readiness/agent-paths.ts';
import type { EcsConnection } from './ecs-connection.ts';

/**
 * Reads a task definition, from which a revision with more volumes or another image can be registered. The
 * revision keeps everything else that ECS returned, tags included. UNVERIFIED: that ECS accepts all of it; run
 * `ecsh run --image` with a definition that has volumes, secrets and a runtime platform.
 */
export async function draftRevision(
  { client, onceClient, call }: EcsConnection,
  taskDefinition: string,
): Promise<RevisionDraft> {
  const answer = await call('DescribeTaskDefinition', {}, () =>
    client.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] })),
  );
  const { taskDefinition: definition = {}, tags = [] } = answer;
  const { containerDefinitions = [] } = definition;
  const same = {
    ...withoutAnswers(definition),
    containerDefinitions,
    ...(tags.length === 0 ? {} : { tags }),
  };
  const register = async (input: RegisterTaskDefinitionCommandInput) => {
    const command = new RegisterTaskDefinitionCommand(input);
    const registered = await call('RegisterTaskDefinition', {}, () => onceClient.send(command));
    return registered.taskDefinition?.taskDefinitionArn ?? '';
  };
  return {
    definition,
    register: (mounts) =>
      register({
        ...same,
        containerDefinitions: containerDefinitions.map((container) => ({
          ...container,
          mountPoints: [...(container.mountPoints ?? []), ...mountPointsOf(container.name, mounts)],
        })),
        volumes: [...(definition.volumes ?? []), ...mounts.map(({ volume }) => ({ name: volume }))],
      }),
    withImage(name, image) {
      const input = {
        ...same,
        containerDefinitions: containerDefinitions.map((container) =>
          container.name === name ? { ...container, image } : container,
        ),
      };
      return { input, register: () => register(input) };
    },
  };
}

/** ECS returns the fields that are left out here, and refuses them in a request. */
function withoutAnswers({
  taskDefinitionArn: _arn,
  revision: _revision,
  status: _status,
  requiresAttributes: _attributes,
  compatibilities: _compatibilities,
  registeredAt: _at,
  registeredBy: _by,
  deregisteredAt: _gone,
  family,
  ...kept
}: TaskDefinition) {
  return { ...kept, family };
}
