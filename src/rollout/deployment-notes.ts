import type {
  DeploymentConfiguration,
  ServiceDetails,
  TaskDefinitionDetails,
} from '#domain/ports/ecs-responses.ts';
import type { Task } from '#domain/resolve/task.ts';
import { counted } from './counted.ts';
import { lastExplanation } from './rollout-events.ts';

export interface PlannedDeployment {
  readonly service: ServiceDetails;
  /** Tasks that are running or starting. */
  readonly tasks: readonly Task[];
  /** The task definition of new tasks; undefined if the caller lacks permission to read it. */
  readonly taskDefinition?: TaskDefinitionDetails | undefined;
  /** How long ecsh will watch, in milliseconds. */
  readonly timeoutMs: number;
}

/** Consequences of replacing a service's tasks, to read before confirming. */
export function deploymentNotes(planned: PlannedDeployment): readonly string[] {
  const { service, tasks } = planned;
  const { strategy = 'ROLLING' } = service.deploymentConfiguration ?? {};
  return [
    ...(tasks.length === 0 ? [] : ['Running tasks are stopped; anything in them is lost.']),
    ...crashNotes(planned),
    ...(strategy === 'ROLLING' ? availabilityNotes(planned) : []),
    ...spotNotes(planned),
    ...imageNotes(planned),
    ...failureNotes(planned),
    ...timeNotes(planned),
  ];
}

/** A service whose tasks do not run will start the same tasks again. */
function crashNotes({ service }: PlannedDeployment): readonly string[] {
  const { desiredCount = 0, runningCount, deployments = [] } = service;
  if (desiredCount === 0 || runningCount !== 0) return [];
  const failed = deployments.reduce((sum, { failedTasks = 0 }) => sum + failedTasks, 0);
  const failures = failed === 0 ? '' : `, and ${failed} failed to start`;
  const event = lastExplanation(service, []);
  const why = event === undefined ? '' : ` ECS says: ${event}`;
  return [
    `None of the ${counted(desiredCount, 'wanted task')} is running${failures}: new ones will do the same unless the cause is gone.${why}`,
  ];
}

/** The number of tasks during the replacement. Source: ECS rounds the minimum up and the maximum down. */
function availabilityNotes({ service, tasks }: PlannedDeployment): readonly string[] {
  const { schedulingStrategy = 'REPLICA', deploymentConfiguration = {} } = service;
  const isDaemon = schedulingStrategy === 'DAEMON';
  const minimum = deploymentConfiguration.minimumHealthyPercent ?? (isDaemon ? 0 : 100);
  const maximum = deploymentConfiguration.maximumPercent ?? (isDaemon ? 100 : 200);
  if (isDaemon) {
    return maximum <= 100
      ? ['DAEMON: on each instance the old task stops before the new one starts, a short gap.']
      : [];
  }
  const desired = service.desiredCount ?? tasks.length;
  if (desired === 0) return [];
  const lower = Math.ceil((desired * minimum) / 100);
  const upper = Math.floor((desired * maximum) / 100);
  const settings = `minimumHealthyPercent is ${minimum} and maximumPercent ${maximum}`;
  const all = desired === 1 ? 'the only task' : `all ${desired} tasks`;
  if (lower === 0 && upper <= desired) {
    return [`Outage: ${settings}, so that ECS stops ${all} before it starts new ones.`];
  }
  if (lower === 0) {
    return [`Outage possible: ${settings}, so that ECS may stop ${all} before new ones run.`];
  }
  if (upper > desired && lower < desired) {
    return [
      `Fewer tasks possible: ${settings}, so that at times only ${lower} of ${desired} tasks may run.`,
    ];
  }
  if (upper > desired) return roomNotes(minimum, tasks);
  return lower >= desired
    ? [
        `Deadlock: ${settings}, so that ECS can neither stop nor start a task, and the deployment never ends.`,
      ]
    : [`Fewer tasks: ${settings}, so that at times only ${lower} of ${desired} tasks run.`];
}

function roomNotes(minimum: number, tasks: readonly Task[]): readonly string[] {
  const isServerless = tasks.every(
    ({ launchType, capacityProviderName = '' }) =>
      launchType === 'FARGATE' || capacityProviderName.startsWith('FARGATE'),
  );
  return minimum === 100 && !isServerless
    ? [
        'minimumHealthyPercent is 100: the cluster needs room for more tasks, or nothing is replaced (as with fixed host ports).',
      ]
    : [];
}

function spotNotes({ tasks }: PlannedDeployment): readonly string[] {
  return tasks.some(({ capacityProviderName }) => capacityProviderName === 'FARGATE_SPOT')
    ? ['Fargate Spot: a new task may have to wait for capacity.']
    : [];
}

/** `forceNewDeployment` resolves tags again; AWS documents that as a use of it. */
function imageNotes({ taskDefinition }: PlannedDeployment): readonly string[] {
  const byTag = (taskDefinition?.containerDefinitions ?? []).flatMap(({ name, image = '' }) =>
    image === '' || image.includes('@sha256:') ? [] : [`${image} (${name})`],
  );
  if (byTag.length === 0) return [];
  const subject = byTag.length === 1 ? 'image has' : 'images have';
  return [
    `Other code may go live: the ${subject} a tag and no digest, and a new deployment pulls what the tag names now: ${byTag.join(', ')}.`,
  ];
}

/** The mechanism that stops a failing deployment: a circuit breaker, alarms, or none. */
function failureNotes({ service, timeoutMs }: PlannedDeployment): readonly string[] {
  const { deploymentCircuitBreaker, alarms } = service.deploymentConfiguration ?? {};
  const names = alarms?.enable === true ? (alarms.alarmNames ?? []) : [];
  const ofAlarms =
    names.length === 0
      ? []
      : [
          `Alarms: ${names.join(', ')} ${names.length === 1 ? 'fails' : 'fail'} the deployment${alarms?.rollback === true ? ', which is then rolled back' : ''}.`,
        ];
  if (deploymentCircuitBreaker?.enable === true) {
    const stays = 'No rollback: if the circuit breaker ends the deployment, its tasks stay.';
    return deploymentCircuitBreaker.rollback === true ? ofAlarms : [stays, ...ofAlarms];
  }
  return [
    `No circuit breaker: if new tasks keep failing, ECS starts them again without end. ecsh stops watching after ${minutes(timeoutMs)}, and the deployment goes on.`,
    ...ofAlarms,
  ];
}

function timeNotes({ service, timeoutMs }: PlannedDeployment): readonly string[] {
  const { deploymentConfiguration = {} } = service;
  const { strategy = 'ROLLING', lifecycleHooks = [] } = deploymentConfiguration;
  const bake = bakeMinutes(deploymentConfiguration);
  const tooLong =
    bake * 60_000 >= timeoutMs ? `; --timeout ${minutes(timeoutMs)} is too short for that` : '';
  const takes = bake === 0 ? '' : ` Bake time: it takes at least ${bake} min${tooLong}.`;
  const hooks = lifecycleHooks.map(({ targetType, hookTargetArn = '', lifecycleStages = [] }) => {
    const at = lifecycleStages.join(', ') || 'a stage';
    if (targetType === 'PAUSE') {
      return `Hook: it pauses at ${at} until somebody continues it (aws ecs continue-service-deployment).`;
    }
    const name = hookTargetArn.split(':').at(-1) ?? '';
    return `Hook: ${name === '' ? 'a function' : name} runs at ${at}, and can hold the deployment up or fail it.`;
  });
  return [
    ...(strategy === 'ROLLING' && takes === ''
      ? []
      : [
          strategy === 'ROLLING'
            ? takes.trim()
            : `Deployment strategy ${strategy}: all traffic is shifted.${takes}`,
        ]),
    ...hooks,
  ];
}

function bakeMinutes(configuration: DeploymentConfiguration): number {
  const { bakeTimeInMinutes = 0, linearConfiguration, canaryConfiguration } = configuration;
  const { stepPercent = 100, stepBakeTimeInMinutes = 0 } = linearConfiguration ?? {};
  const steps = Math.max(0, Math.ceil(100 / Math.max(1, stepPercent)) - 1);
  const canary = canaryConfiguration?.canaryBakeTimeInMinutes ?? 0;
  return bakeTimeInMinutes + steps * stepBakeTimeInMinutes + canary;
}

function minutes(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
