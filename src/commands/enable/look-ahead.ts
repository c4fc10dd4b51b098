import type { App, AwsPorts } from '#commands/app.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { DoctorPorts, EcsDetailsApi } from '#domain/ports/doctor-ports.ts';
import type { RevisionDraft } from '#domain/ports/ecs-admin-ports.ts';
import type { ServiceDetails, TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import { type AgentMount, missingMounts, withMounts } from '#domain/readiness/agent-paths.ts';
import { isFargate } from '#domain/readiness/task-checks.ts';
import type { ServiceChangeOptions } from './follow-rollout.ts';
import { firstTaskOf, replacementOf, withPlannedInterface } from './planned-task.ts';
import { type Preflight, preflight } from './preflight.ts';
import type { ServicePlace } from './service-place.ts';

/** A revision of the task definition, to be registered. */
export interface Revision {
  readonly draft: RevisionDraft;
  readonly mounts: readonly AgentMount[];
}

/** The task definition of new tasks; undefined if the caller lacks permission to read it. */
export async function definitionOf(
  details: EcsDetailsApi,
  { taskDefinition }: ServiceDetails,
): Promise<TaskDefinitionDetails | undefined> {
  if (taskDefinition === undefined) return undefined;
  try {
    return await details.describeTaskDefinition(taskDefinition);
  } catch (error) {
    if (error instanceof EcshError) return undefined;
    throw error;
  }
}

/**
 * The revision that `--writable-agent-paths` asks for; undefined where no container lacks a volume.
 *
 * @throws EcshError `usage` for a service that ECS does not deploy
 */
export async function revisionFor(
  aws: AwsPorts,
  { service, tasks }: ServicePlace,
  options: ServiceChangeOptions,
): Promise<Revision | undefined> {
  const { taskDefinition, deploymentController, serviceName = '' } = service;
  if (!options.writableAgentPaths || taskDefinition === undefined) return undefined;
  if ((deploymentController?.type ?? 'ECS') !== 'ECS' || !options.redeploy) {
    const print = ecshCommand(['policy', 'task-definition', options.target], awsFlags(options));
    throw new EcshError(
      'usage',
      `--writable-agent-paths deploys a new revision, which ${serviceName} does not get from ECS here.`,
      { hint: `Print the volumes and mounts, and deploy them yourself:  ${print}`, exitCode: 2 },
    );
  }
  const draft = await (await aws.admin()).draftRevision(taskDefinition);
  const runsOnFargate = tasks.length > 0 ? tasks.every(isFargate) : isFargateService(service);
  const mounts = missingMounts(draft.definition, { isFargate: runsOnFargate });
  return mounts.length === 0 ? undefined : { draft, mounts };
}

function isFargateService({ launchType, capacityProviderStrategy = [] }: ServiceDetails): boolean {
  const providers = capacityProviderStrategy.map(({ capacityProvider = '' }) => capacityProvider);
  return launchType === 'FARGATE' || providers.some((name) => name.startsWith('FARGATE'));
}

export interface Outlook {
  readonly place: ServicePlace;
  /** Name of the cluster. */
  readonly cluster: string;
  readonly taskDefinition: TaskDefinitionDetails | undefined;
  readonly revision: Revision | undefined;
  readonly options: ServiceChangeOptions;
}

/** Whether tasks of the service, or of its new revision, could be entered. */
export async function lookAhead(
  app: App,
  aws: AwsPorts,
  { place, cluster, revision, options, ...outlook }: Outlook,
): Promise<Preflight> {
  const { service, tasks } = place;
  const mounts = revision?.mounts ?? [];
  const taskDefinition =
    outlook.taskDefinition === undefined ? undefined : withMounts(outlook.taskDefinition, mounts);
  const planned = { service, taskDefinition };
  const first = tasks.length > 0 ? undefined : firstTaskOf(planned);
  return preflight(app, withRevision(withPlannedInterface(aws.doctor, planned), mounts), {
    cluster,
    service: service.serviceName,
    tasks: first === undefined ? tasks.map((task) => replacementOf(task, planned)) : [first],
    flags: awsFlags(options),
    needsTaskRole: true,
  });
}

/** Task definitions as the new revision will have them. */
function withRevision(ports: DoctorPorts, mounts: readonly AgentMount[]): DoctorPorts {
  if (mounts.length === 0) return ports;
  return {
    ...ports,
    ecs: async () => {
      const ecs = await ports.ecs();
      return {
        ...ecs,
        async describeTaskDefinition(arn) {
          const found = await ecs.describeTaskDefinition(arn);
          return found === undefined ? undefined : withMounts(found, mounts);
        },
      };
    },
  };
}
