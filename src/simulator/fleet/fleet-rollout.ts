import {
  type FleetDeploymentConfiguration,
  type FleetService,
  ROLLOUT_OUTCOMES,
  type RolloutSettings,
} from './fleet.ts';
import { Fields, fleetError } from './fleet-fields.ts';

/** Deployment of the tasks that a service starts with. */
export const FIRST_DEPLOYMENT_ID = 'ecs-svc/1000000000000000001';

/** Faster than Fargate, but slow enough to watch. */
export const DEFAULT_ROLLOUT: RolloutSettings = {
  outcome: 'healthy',
  taskStartMs: 3_000,
  agentStartMs: 2_000,
  drainMs: 2_000,
  stoppedReason: 'Essential container in task exited',
  exitCode: undefined,
};

/** Default reasons for tasks that stop or are not placed. */
const REASONS: Readonly<Partial<Record<RolloutSettings['outcome'], string>>> = {
  // ECS developer guide, "Stopped tasks error messages" and "API failure reasons".
  'start-failure':
    'CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref example.invalid/app:1: not found',
  unplaceable:
    'Capacity is unavailable at this time. Please try again later or in a different availability zone',
};

type RolloutFields = Pick<
  FleetService,
  | 'controller'
  | 'schedulingStrategy'
  | 'deploymentConfiguration'
  | 'rollout'
  | 'runTask'
  | 'createdBy'
>;

/** Parses the fields of a service that control its deployments. */
export function parseRolloutFields(fields: Fields): RolloutFields {
  return {
    controller: fields.text('controller') ?? 'ECS',
    schedulingStrategy: fields.text('schedulingStrategy') ?? 'REPLICA',
    deploymentConfiguration: parseConfiguration(fields),
    rollout: parseRollout(fields.object('rollout')) ?? DEFAULT_ROLLOUT,
    runTask: parseRunTask(fields),
    createdBy: fields.text('createdBy'),
  };
}

type Past = Pick<FleetService, 'name' | 'createdAt' | 'desiredCount' | 'template'>;

/** The deployment that a service starts with, and its events. */
export function parsePast(
  fields: Fields,
  { name, createdAt, desiredCount, template }: Past,
): Pick<FleetService, 'deployments' | 'events'> {
  const rolloutState = fields.text('rolloutState') ?? 'COMPLETED';
  const first = {
    id: FIRST_DEPLOYMENT_ID,
    template,
    status: 'PRIMARY',
    createdAt,
    updatedAt: createdAt,
    desiredCount,
    failedTasks: 0,
    rolloutState,
    rolloutStateReason: `ECS deployment ${FIRST_DEPLOYMENT_ID} ${rolloutState.toLowerCase().replace('_', ' ')}.`,
    rollbackOf: undefined,
  };
  const events = fields.textList('events').map((message, index) => ({
    id: `${name}-${index}`,
    createdAt: createdAt - index,
    message,
  }));
  return { deployments: [first], events };
}

function parseConfiguration(parent: Fields): FleetDeploymentConfiguration {
  const name = 'deploymentConfiguration';
  const fields = parent.object(name) ?? new Fields({}, `${parent.where}.${name}`);
  const breaker = fields.object('deploymentCircuitBreaker');
  const configuration = {
    strategy: fields.text('strategy') ?? 'ROLLING',
    minimumHealthyPercent: fields.number('minimumHealthyPercent') ?? 100,
    maximumPercent: fields.number('maximumPercent') ?? 200,
    deploymentCircuitBreaker: {
      enable: breaker?.flag('enable') ?? false,
      rollback: breaker?.flag('rollback') ?? false,
    },
  };
  breaker?.finish();
  fields.finish();
  return configuration;
}

/** Parses `runTask`; undefined if the service or cluster has none. */
export function parseRunTask(fields: Fields): RolloutSettings | undefined {
  return parseRollout(fields.object('runTask'));
}

function parseRollout(fields: Fields | undefined): RolloutSettings | undefined {
  if (fields === undefined) return undefined;
  const named = fields.text('outcome') ?? DEFAULT_ROLLOUT.outcome;
  const outcome = ROLLOUT_OUTCOMES.find((known) => known === named);
  if (outcome === undefined) {
    throw fleetError(`${fields.where}.outcome`, `must be one of ${ROLLOUT_OUTCOMES.join(', ')}`);
  }
  const rollout = {
    outcome,
    taskStartMs: fields.number('taskStartMs') ?? DEFAULT_ROLLOUT.taskStartMs,
    agentStartMs: fields.number('agentStartMs') ?? DEFAULT_ROLLOUT.agentStartMs,
    drainMs: fields.number('drainMs') ?? DEFAULT_ROLLOUT.drainMs,
    stoppedReason:
      fields.text('stoppedReason') ?? REASONS[outcome] ?? DEFAULT_ROLLOUT.stoppedReason,
    exitCode: fields.number('exitCode'),
  };
  fields.finish();
  return rollout;
}
