import { DEFAULT_TIMINGS } from '#simulator/agent/agent-link.ts';
import { parseFaults } from '#simulator/gateway/faults.ts';
import type { Fleet, FleetCluster, FleetService, FleetTask } from './fleet.ts';
import { parseAccount } from './fleet-account.ts';
import { parseContainer } from './fleet-container.ts';
import { Fields, fleetError } from './fleet-fields.ts';
import { type FleetPlacement, parsePlacement } from './fleet-placement.ts';
import { parseHost } from './fleet-ports.ts';
import {
  FIRST_DEPLOYMENT_ID,
  parsePast,
  parseRolloutFields,
  parseRunTask,
} from './fleet-rollout.ts';
import { hexOf } from './ids.ts';

/** 2026-01-01, a constant so that two runs show the same fleet. */
const FIRST_START = 1_767_225_600;
const DEFAULT_SESSION_LIMIT = 2;
/** Seconds from the creation of each task until it has started and its agent runs. */
const START_DELAY = 20;
const AGENT_DELAY = 5;
const NOT_STARTED = ['PROVISIONING', 'PENDING', 'ACTIVATING'];

/**
 * Parses the content of a fleet file (already decoded JSON) and fills in the defaults.
 *
 * @throws EcshError `fleet-invalid`, naming the field
 */
export function parseFleet(value: unknown): Fleet {
  const fleet = new Fields(value, 'fleet');
  const limit = fleet.object('sessionLimit') ?? new Fields({}, 'sessionLimit');
  const account = fleet.text('account') ?? '123456789012';
  const parsed: Fleet = {
    region: fleet.text('region') ?? 'us-east-1',
    account,
    ...parseAccount(fleet, account),
    timings: { ...DEFAULT_TIMINGS, ...parseTimings(fleet.object('timings')) },
    faults: parseFaults(fleet.raw('faults')),
    sessionLimit: {
      perContainer: limit.number('perContainer') ?? DEFAULT_SESSION_LIMIT,
      isRefused: limit.flag('isRefused') ?? false,
    },
    clusters: fleet.list('clusters', parseCluster),
    hosts: fleet.list('hosts', parseHost),
  };
  limit.finish();
  fleet.finish();
  requireUnique(
    parsed.clusters.map(({ name }) => name),
    'clusters',
  );
  return parsed;
}

function parseTimings(fields: Fields | undefined): Record<string, number> {
  const timings: Record<string, number> = {};
  if (fields === undefined) return timings;
  for (const name of Object.keys(DEFAULT_TIMINGS)) {
    const milliseconds = fields.number(name);
    if (milliseconds !== undefined) timings[name] = milliseconds;
  }
  fields.finish();
  return timings;
}

function parseCluster(fields: Fields): FleetCluster {
  const name = fields.requiredText('name');
  const cluster: FleetCluster = {
    name,
    status: fields.text('status') ?? 'ACTIVE',
    kmsKeyId: fields.text('kmsKeyId'),
    logging: fields.text('logging'),
    logConfiguration: fields.object('logConfiguration')?.all(),
    tags: fields.texts('tags'),
    managedStorageConfiguration: fields.object('managedStorageConfiguration')?.all(),
    runTask: parseRunTask(fields),
    services: fields.list('services', (service) => parseService(service, name)),
    tasks: fields.list('tasks', (task, index) =>
      parseTask(task, { path: `${name}/task`, index, service: undefined }),
    ),
  };
  fields.finish();
  requireUnique(
    cluster.services.map((service) => service.name),
    `services of ${name}`,
  );
  return cluster;
}

/** Tasks come from `containers` (`count` identical ones), or are listed in `tasks`. */
function parseService(fields: Fields, cluster: string): FleetService {
  const name = fields.requiredText('name');
  const service = {
    name,
    status: fields.text('status') ?? 'ACTIVE',
    enableExecuteCommand: fields.flag('enableExecuteCommand') ?? true,
    family: fields.text('family') ?? name,
    revision: fields.number('revision') ?? 1,
    launchType: fields.text('launchType') ?? 'FARGATE',
    capacityProvider: fields.text('capacityProvider'),
    platformVersion: fields.text('platformVersion') ?? '1.4.0',
    createdAt: fields.number('createdAt') ?? FIRST_START,
    tags: fields.texts('tags'),
    ...parseRolloutFields(fields),
  };
  const defaults = { ...service, placement: parseServicePlacement(fields) };
  const containers = fields.raw('containers');
  const count = fields.number('count') ?? 1;
  const path = `${cluster}/${name}`;
  const alike =
    containers === undefined
      ? []
      : Array.from({ length: count }, (_, index) =>
          parseTask(new Fields({ containers }, fields.where), { path, index, service: defaults }),
        );
  const single = fields.list('tasks', (task, index) =>
    parseTask(task, { path, index: index + alike.length, service: defaults }),
  );
  const tasks = [...alike, ...single];
  const template =
    tasks[0] ??
    (containers === undefined
      ? undefined
      : parseTask(new Fields({ containers }, fields.where), { path, index: 0, service: defaults }));
  const kept = tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
  const desiredCount = fields.number('desiredCount') ?? kept.length;
  const past = parsePast(fields, { ...service, desiredCount, template });
  fields.finish();
  return { ...defaults, tasks, template, desiredCount, ...past };
}

/** `hasTaskRole: false` and a null `taskRoleArn` both mean no task role. */
function parseServicePlacement(fields: Fields): FleetPlacement {
  const hasTaskRole = fields.flag('hasTaskRole') ?? true;
  const placement = parsePlacement(fields);
  if (hasTaskRole) return placement;
  return { ...placement, taskDefinition: { ...placement.taskDefinition, taskRoleArn: null } };
}

/** Fields that a task inherits from its service. */
type ServiceDefault =
  | 'family'
  | 'createdAt'
  | 'revision'
  | 'enableExecuteCommand'
  | 'launchType'
  | 'platformVersion'
  | 'placement';

interface TaskPlace {
  readonly path: string;
  readonly index: number;
  readonly service: Pick<FleetService, 'name' | ServiceDefault> | undefined;
}

export function parseTask(fields: Fields, { path, index, service }: TaskPlace): FleetTask {
  const family = fields.text('family') ?? service?.family ?? 'task';
  const lastStatus = fields.text('lastStatus') ?? 'RUNNING';
  const id = parseTaskId(fields) ?? hexOf(`${path}/${family}/${index}`);
  const createdAt = fields.number('createdAt') ?? (service?.createdAt ?? FIRST_START) + index * 60;
  const agentStartedAt = createdAt + START_DELAY + AGENT_DELAY;
  const isExecEnabled =
    fields.flag('enableExecuteCommand') ?? service?.enableExecuteCommand ?? true;
  const task: FleetTask = {
    id,
    family,
    revision: fields.number('revision') ?? service?.revision ?? 1,
    group: service === undefined ? `family:${family}` : `service:${service.name}`,
    enableExecuteCommand: isExecEnabled,
    launchType: fields.text('launchType') ?? service?.launchType ?? 'FARGATE',
    platformVersion: fields.text('platformVersion') ?? service?.platformVersion ?? '1.4.0',
    lastStatus,
    desiredStatus:
      fields.text('desiredStatus') ?? (lastStatus === 'STOPPED' ? 'STOPPED' : 'RUNNING'),
    startedBy: service === undefined ? fields.text('startedBy') : FIRST_DEPLOYMENT_ID,
    stopCode: fields.text('stopCode'),
    stoppedReason: fields.text('stoppedReason'),
    createdAt,
    startedAt: NOT_STARTED.includes(lastStatus) ? undefined : createdAt + START_DELAY,
    stoppedAt: fields.number('stoppedAt'),
    pullStartedAt: undefined,
    pullStoppedAt: undefined,
    stoppingAt: undefined,
    executionStoppedAt: undefined,
    protectedUntil: undefined,
    tags: fields.texts('tags'),
    placement: parsePlacement(fields, service?.placement),
    containers: fields.list('containers', (container) =>
      parseContainer(container, { id, isExecEnabled, lastStatus, agentStartedAt }),
    ),
  };
  fields.finish();
  assertContainers(task, fields.where);
  return task;
}

function parseTaskId(fields: Fields): string | undefined {
  const id = fields.text('id');
  if (id !== undefined && !/^[0-9a-f]{32}$/.test(id)) {
    throw fleetError(`${fields.where}.id`, 'must be 32 hexadecimal digits');
  }
  return id;
}

function assertContainers({ containers }: FleetTask, where: string): void {
  if (containers.length === 0) throw fleetError(where, 'needs at least one container');
  const names = containers.map(({ name }) => name);
  requireUnique(names, `containers of ${where}`);
}

function requireUnique(names: readonly string[], where: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw fleetError(where, `"${twice}" stands there twice`);
}
