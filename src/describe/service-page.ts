import type { AwsFlags } from '#domain/errors/aws-command.ts';
import type {
  DeploymentDetails,
  ServiceDetails,
  ServiceNetwork,
  TaskDefinitionDetails,
} from '#domain/ports/ecs-responses.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import { type TaskPage, taskPage } from './task-page.ts';

/** A service as `ecsh describe` shows it. Keys are stable. Null means that ECS does not report the value. */
export interface ServicePage {
  readonly kind: 'service';
  readonly cluster: string;
  readonly service: string;
  readonly serviceArn: string | null;
  readonly status: string | null;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly schedulingStrategy: string;
  /** ECS, CODE_DEPLOY or EXTERNAL. */
  readonly controller: string;
  readonly strategy: string;
  readonly minimumHealthyPercent: number | null;
  readonly maximumPercent: number | null;
  readonly circuitBreaker: 'off' | 'on' | 'rollback';
  readonly launch: readonly string[];
  readonly platformVersion: string | null;
  readonly taskDefinition: string | null;
  readonly images: readonly { readonly container: string; readonly image: string }[];
  readonly enableExecuteCommand: boolean;
  readonly network: ServiceNetwork | null;
  readonly createdAt: Date | null;
  readonly createdBy: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly deployments: readonly DeploymentPage[];
  /** CodeDeploy and external controllers have task sets instead of deployments. */
  readonly taskSets: readonly TaskSetPage[];
  /** Tasks that are running or starting. */
  readonly tasks: readonly TaskPage[];
  /** The last tasks that stopped, newest first. Null if the caller lacks permission to list them. */
  readonly stopped: readonly TaskPage[] | null;
  /** Newest first. */
  readonly events: readonly { readonly createdAt: Date | null; readonly message: string }[];
}

export interface DeploymentPage {
  readonly id: string | null;
  readonly status: string | null;
  readonly rolloutState: string | null;
  readonly rolloutStateReason: string | null;
  readonly taskDefinition: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly failedTasks: number;
  readonly createdAt: Date | null;
}

export interface TaskSetPage {
  readonly id: string | null;
  readonly status: string | null;
  readonly externalId: string | null;
  readonly taskDefinition: string;
}

export interface FoundService {
  /** Name of the cluster. */
  readonly cluster: string;
  readonly service: ServiceDetails;
  readonly definition: TaskDefinitionDetails | undefined;
  readonly tasks: readonly Task[];
  readonly stopped: readonly Task[] | undefined;
  readonly flags: AwsFlags;
}

/** The maximum number of stopped tasks on a page. */
const MAX_STOPPED = 5;
/** The maximum number of events on a page. */
const MAX_EVENTS = 10;

export function servicePage(found: FoundService): ServicePage {
  const { cluster, service, definition, tasks, stopped, flags } = found;
  const { deploymentConfiguration: configuration = {}, events = [], tags = [] } = service;
  return {
    kind: 'service',
    cluster,
    service: service.serviceName ?? '',
    serviceArn: service.serviceArn ?? null,
    status: service.status ?? null,
    desiredCount: service.desiredCount ?? 0,
    runningCount: service.runningCount ?? 0,
    pendingCount: service.pendingCount ?? 0,
    schedulingStrategy: service.schedulingStrategy ?? 'REPLICA',
    controller: service.deploymentController?.type ?? 'ECS',
    strategy: configuration.strategy ?? 'ROLLING',
    minimumHealthyPercent: configuration.minimumHealthyPercent ?? null,
    maximumPercent: configuration.maximumPercent ?? null,
    circuitBreaker: circuitBreakerOf(service),
    launch: launchOf(service),
    platformVersion: service.platformVersion ?? null,
    taskDefinition: service.taskDefinition === undefined ? null : nameInArn(service.taskDefinition),
    images: (definition?.containerDefinitions ?? []).map(({ name = '', image = '' }) => ({
      container: name,
      image,
    })),
    enableExecuteCommand: service.enableExecuteCommand ?? false,
    network: service.networkConfiguration?.awsvpcConfiguration ?? null,
    createdAt: service.createdAt ?? null,
    createdBy: service.createdBy ?? null,
    tags: Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value])),
    deployments: (service.deployments ?? []).map(deploymentPage),
    taskSets: (service.taskSets ?? []).map((set) => ({
      id: set.id ?? null,
      status: set.status ?? null,
      externalId: set.externalId ?? null,
      taskDefinition: nameInArn(set.taskDefinition ?? ''),
    })),
    tasks: tasks.map((task) => taskPage(task, flags)),
    stopped: stopped === undefined ? null : lastStopped(stopped, flags),
    events: events.slice(0, MAX_EVENTS).map(({ createdAt = null, message = '' }) => ({
      createdAt,
      message,
    })),
  };
}

function circuitBreakerOf({
  deploymentConfiguration,
}: ServiceDetails): ServicePage['circuitBreaker'] {
  const { enable = false, rollback = false } =
    deploymentConfiguration?.deploymentCircuitBreaker ?? {};
  if (!enable) return 'off';
  return rollback ? 'rollback' : 'on';
}

function launchOf({
  launchType,
  capacityProviderStrategy = [],
}: ServiceDetails): readonly string[] {
  const providers = capacityProviderStrategy.map(({ capacityProvider = '' }) => capacityProvider);
  if (providers.length > 0) return providers;
  return launchType === undefined ? [] : [launchType];
}

function deploymentPage(deployment: DeploymentDetails): DeploymentPage {
  return {
    id: deployment.id ?? null,
    status: deployment.status ?? null,
    rolloutState: deployment.rolloutState ?? null,
    rolloutStateReason: deployment.rolloutStateReason ?? null,
    taskDefinition: nameInArn(deployment.taskDefinition ?? ''),
    desiredCount: deployment.desiredCount ?? 0,
    runningCount: deployment.runningCount ?? 0,
    pendingCount: deployment.pendingCount ?? 0,
    failedTasks: deployment.failedTasks ?? 0,
    createdAt: deployment.createdAt ?? null,
  };
}

function lastStopped(stopped: readonly Task[], flags: AwsFlags): readonly TaskPage[] {
  return stopped
    .filter(({ lastStatus }) => lastStatus === 'STOPPED')
    .toSorted((a, b) => (b.stoppedAt?.getTime() ?? 0) - (a.stoppedAt?.getTime() ?? 0))
    .slice(0, MAX_STOPPED)
    .map((task) => taskPage(task, flags));
}
