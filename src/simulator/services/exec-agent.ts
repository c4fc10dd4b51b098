import { covers, decide } from '#simulator/api/policy.ts';
import type { RoleStore } from '#simulator/api/roles.ts';
import type { FleetContainer, FleetTask } from '#simulator/fleet/fleet.ts';
import type { FleetEndpoint, FleetNetwork } from '#simulator/fleet/fleet-network.ts';
import type { Inventory, TargetPlace } from '#simulator/fleet/inventory.ts';
import type { AgentFate } from '#simulator/tasks/task-life.ts';
import { hasOwnInterface } from './network-ids.ts';
import { showTaskDefinition } from './task-definition.ts';

/** Actions that the agent needs to open its channels. */
const CHANNEL_ACTIONS = [
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
];
const TASK_PRINCIPAL = 'ecs-tasks.amazonaws.com';
const HTTPS = 443;
/** The first versions that support ECS Exec. */
const LINUX_PLATFORM = '1.4.0';
const WINDOWS_PLATFORM = '1.0.0';
const LINUX_AGENT = '1.50.2';
const WINDOWS_AGENT = '1.56.0';
/** Folders that the agent writes to. */
const AGENT_PATHS = ['/var/lib/amazon/ssm', '/var/log/amazon/ssm'];
const FARGATE_AGENT_PATH = '/managed-agents';

/**
 * The state of a container's exec agent, derived from the facts that decide it in AWS: versions, file system, task
 * role and network.
 */
export class ExecAgents {
  readonly #inventory: Inventory;
  readonly #roles: RoleStore;

  constructor(inventory: Inventory, roles: RoleStore) {
    this.#inventory = inventory;
    this.#roles = roles;
  }

  /** Whether the agent of a new container starts, and keeps running. */
  fateOf(task: FleetTask, container: FleetContainer): AgentFate {
    if (isTooOld(task)) return 'none';
    if (/nanoserver/i.test(container.image)) return 'stopped';
    const { readonlyRootFilesystem } = container.definition;
    if (readonlyRootFilesystem !== true) return 'running';
    const paths =
      task.launchType === 'FARGATE' ? [...AGENT_PATHS, FARGATE_AGENT_PATH] : AGENT_PATHS;
    return paths.every((path) => isWritable(container, path)) ? 'running' : 'stopped';
  }

  /** Whether the agent has an open control channel. A fleet file can override this. */
  isConnected({ cluster, task, container }: TargetPlace): boolean {
    if (container.isConnected !== undefined) return container.isConnected;
    const network = this.#inventory.networkOf(task);
    return this.#mayOpenChannels(this.#roleOf(cluster, task)) && canReachService(task, network);
  }

  /** Whether IAM or the key policy lets its role decrypt with the cluster's session key. */
  mayDecrypt({ cluster, task }: TargetPlace): boolean {
    const { kmsKeyId = '' } = cluster;
    const arn = this.#roleOf(cluster, task);
    const role = this.#roles.find(arn.slice(arn.lastIndexOf('/') + 1));
    const request = { action: 'kms:Decrypt', resource: kmsKeyId, context: new Map() };
    const isAllowed = role !== undefined && decide(role.statements, request).decision === 'allowed';
    const { policy } = this.#inventory.fleet.keys.find(({ id }) => id === kmsKeyId) ?? {};
    return isAllowed || (policy !== undefined && JSON.stringify(policy).includes(`"${arn}"`));
  }

  #roleOf(cluster: TargetPlace['cluster'], task: FleetTask): string {
    const { taskRoleArn } = {
      ...showTaskDefinition(this.#inventory, cluster, task),
      ...task.placement.overrides,
    };
    return String(taskRoleArn);
  }

  #mayOpenChannels(arn: string): boolean {
    const role = this.#roles.find(arn.slice(arn.lastIndexOf('/') + 1));
    if (role === undefined || !role.trust.includes(TASK_PRINCIPAL)) return false;
    const { organizationDeny = [] } = this.#inventory.fleet;
    return CHANNEL_ACTIONS.every((action) => {
      const request = { action, resource: '*', context: new Map() };
      const isAllowed = decide(role.statements, request).decision === 'allowed';
      const isBounded = role.boundary !== undefined && !covers(role.boundary, action);
      return isAllowed && !isBounded && !covers(organizationDeny, action);
    });
  }
}

function isTooOld({ launchType, platformVersion, placement }: FleetTask): boolean {
  const isWindows = /windows/i.test(placement.platformFamily);
  if (launchType === 'FARGATE') {
    return isBefore(platformVersion, isWindows ? WINDOWS_PLATFORM : LINUX_PLATFORM);
  }
  if (launchType !== 'EC2') return false;
  return isBefore(placement.instance.agentVersion, isWindows ? WINDOWS_AGENT : LINUX_AGENT);
}

/** False for anything except numbers with dots, such as LATEST. */
function isBefore(version: string, least: string): boolean {
  const parts = (text: string) => text.split('.').map(Number);
  const [one, other] = [parts(version), parts(least)];
  if (one.some((part) => Number.isNaN(part))) return false;
  const index = other.findIndex((part, at) => part !== (one[at] ?? 0));
  return index >= 0 && (one[index] ?? 0) < (other[index] ?? 0);
}

/** Whether a writable volume is mounted there. */
function isWritable({ definition }: FleetContainer, path: string): boolean {
  const { mountPoints } = definition;
  const list: readonly unknown[] = Array.isArray(mountPoints) ? mountPoints : [];
  return list.some((mount) => {
    const [at, readOnly] = ['containerPath', 'readOnly'].map((name) =>
      Reflect.get(Object(mount), name),
    );
    const covered = typeof at === 'string' ? at.replace(/\/$/, '') : '-';
    return readOnly !== true && (path === covered || path.startsWith(`${covered}/`));
  });
}

/** Whether a task can reach ssmmessages: through an endpoint that its name resolves to, or by the default route. */
function canReachService(task: FleetTask, network: FleetNetwork): boolean {
  if (task.launchType === 'EXTERNAL') return true;
  if (!network.dnsSupport) return false;
  if (network.egressPorts !== undefined && !network.egressPorts.includes(HTTPS)) return false;
  const endpoint = endpointOf(network, 'ssmmessages');
  if (endpoint !== undefined) return endpoint.admitsTasks && admitsActions(endpoint);
  if (network.aclRefuses !== undefined) return false;
  switch (network.route) {
    case 'nat':
    case 'transit-gateway':
      return true;
    case 'internet-gateway':
      return network.hasPublicIp || !hasOwnInterface(task);
    default:
      return false;
  }
}

/** With private DNS, the service's name resolves to the endpoint, even if that allows nothing in. */
function endpointOf(network: FleetNetwork, service: string): FleetEndpoint | undefined {
  return network.endpoints.find(
    (endpoint) =>
      endpoint.service === service &&
      endpoint.type === 'Interface' &&
      endpoint.state === 'available' &&
      endpoint.privateDns &&
      network.dnsHostnames,
  );
}

function admitsActions({ policy }: FleetEndpoint): boolean {
  const { Statement } = policy;
  const statements: readonly unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  const has = (effect: string, action: string) =>
    statements.some((statement) => {
      const fields = Object(statement);
      const actions: unknown = Reflect.get(fields, 'Action');
      const patterns = (Array.isArray(actions) ? actions : [actions]).map(String);
      return Reflect.get(fields, 'Effect') === effect && covers(patterns, action);
    });
  return CHANNEL_ACTIONS.every((action) => has('Allow', action) && !has('Deny', action));
}
