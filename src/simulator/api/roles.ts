import type { Fleet } from '#simulator/fleet/fleet.ts';
import { allow, type FleetRole } from '#simulator/fleet/fleet-account.ts';
import type { Statement } from './policy.ts';

/** The permissions that a task role needs. */
const TASK_ROLE_ACTIONS = [
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
  'logs:DescribeLogGroups',
  'logs:DescribeLogStreams',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  's3:GetBucketLocation',
  's3:GetEncryptionConfiguration',
  's3:PutObject',
  'kms:Decrypt',
  'kms:GenerateDataKey',
];

const EXECUTION_ROLE_ACTIONS = [
  'ecr:*',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'secretsmanager:GetSecretValue',
];

export const SERVICE_LINKED_ROLE = 'AWSServiceRoleForECS';

export function taskRoleName(cluster: string): string {
  return `${cluster}-task`;
}

export function executionRoleName(cluster: string): string {
  return `${cluster}-execution`;
}

/** The roles of an account, including those created or changed while the simulator runs. */
export class RoleStore {
  readonly #fleet: Fleet;
  /** Roles created or changed while the simulator runs. */
  readonly #created = new Map<string, FleetRole>();
  /** Inline policies by role and name. */
  readonly #policies = new Map<string, Map<string, readonly Statement[]>>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  find(name: string): FleetRole | undefined {
    const role = this.#without(name);
    if (role === undefined) return undefined;
    const inline = [...(this.#policies.get(name)?.values() ?? [])].flat();
    return { ...role, statements: [...role.statements, ...inline] };
  }

  /** @param trust services that can assume the role */
  create(name: string, trust: readonly string[]): FleetRole {
    const created = { ...role(name, { actions: [] }), trust };
    this.#created.set(name, created);
    return created;
  }

  /** Creates the service-linked role of ECS. */
  createServiceLinked(): FleetRole {
    this.#created.set(SERVICE_LINKED_ROLE, SERVICE_LINKED);
    return SERVICE_LINKED;
  }

  setTrust(name: string, trust: readonly string[]): void {
    const role = this.#without(name);
    if (role !== undefined) this.#created.set(name, { ...role, trust });
  }

  putPolicy(name: string, policy: string, statements: readonly Statement[]): void {
    const policies = this.#policies.get(name) ?? new Map();
    this.#policies.set(name, policies.set(policy, statements));
  }

  /** The role without its inline policies. */
  #without(name: string): FleetRole | undefined {
    const known = this.#created.get(name);
    return known ?? rolesOf(this.#fleet).find((candidate) => candidate.name === name);
  }
}

/** Every role of the account: those in the fleet file, and the default roles that it does not redefine. */
function rolesOf(fleet: Fleet): readonly FleetRole[] {
  const named = new Set(fleet.roles.map(({ name }) => name));
  const usual = usualRoles(fleet).filter(({ name }) => !named.has(name));
  return [...fleet.roles, ...usual].filter(({ exists }) => exists);
}

function usualRoles({ clusters, caller }: Fleet): readonly FleetRole[] {
  const ofClusters = clusters.flatMap(({ name }) => [
    role(taskRoleName(name), { actions: TASK_ROLE_ACTIONS }),
    role(executionRoleName(name), { actions: EXECUTION_ROLE_ACTIONS }),
  ]);
  const assumed = /:assumed-role\/([^/]+)\//.exec(caller.arn)?.[1];
  return [
    ...ofClusters,
    role('ecsInstanceRole', { actions: ['ecs:*', 'ecr:*'], trust: 'ec2.amazonaws.com' }),
    SERVICE_LINKED,
    ...(assumed === undefined
      ? []
      : [{ ...role(assumed, { actions: [] }), ...withPolicies(caller) }]),
  ];
}

function withPolicies({ statements, boundary }: Fleet['caller']) {
  return { statements, boundary };
}

interface UsualRole {
  readonly actions: readonly string[];
  readonly trust?: string;
  readonly path?: string;
}

function role(name: string, { actions, trust, path }: UsualRole): FleetRole {
  return {
    name,
    path: path ?? '/',
    exists: true,
    trust: [trust ?? 'ecs-tasks.amazonaws.com'],
    statements: actions.map(allow),
    boundary: undefined,
  };
}

const SERVICE_LINKED = role(SERVICE_LINKED_ROLE, {
  actions: ['ssm:StartSession', 'ssm:DescribeSessions'],
  trust: 'ecs.amazonaws.com',
  path: '/aws-service-role/ecs.amazonaws.com/',
});
