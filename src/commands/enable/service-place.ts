import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { type AwsFlags, awsCommand, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { EcsDetailsApi } from '#domain/ports/doctor-ports.ts';
import type { EcsAdminApi, ManagedDaemon } from '#domain/ports/ecs-admin-ports.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { clusterNotFound } from '#domain/resolve/cluster-errors.ts';
import { scopeOf } from '#domain/resolve/resolve.ts';
import { serviceNotFound } from '#domain/resolve/resolve-errors.ts';
import { isFullTaskId, parseTarget } from '#domain/resolve/target.ts';
import type { Task } from '#domain/resolve/task.ts';

/** A service that was named, and its tasks. */
export interface ServicePlace {
  /** Name or ARN, as the user typed it. */
  readonly cluster: string;
  readonly service: ServiceDetails;
  /** Those that are to run, as far as they had to be known. */
  readonly tasks: readonly Task[];
}

export interface ServiceRequest extends SharedOptions {
  readonly target: string;
  /** The tasks are replaced, and so have to be known. */
  readonly redeploy: boolean;
  /** Decides the hints. */
  readonly purpose: keyof typeof NOT_A_SERVICE;
}

/** Hints for a target that cannot be a service. */
const NOT_A_SERVICE = {
  exec: 'ECS Exec is turned on and off for a service, [CLUSTER/]NAME. For one task:  ecsh enable task TARGET',
  restart:
    'Name the service whose tasks are to be replaced, [CLUSTER/]NAME. One task:  ecsh stop TASK',
} as const;

/**
 * The service of a target `[CLUSTER/]NAME`. Its tasks matter where they are replaced; for the flag
 * alone no permission to read them is needed.
 *
 * @throws EcshError `service-expected`, `target-invalid`, `service-not-found`, `cluster-not-found`
 */
export async function findService(
  ecs: EcsApi,
  details: Pick<EcsDetailsApi, 'describeService'>,
  admin: () => Promise<Pick<EcsAdminApi, 'findDaemon'>>,
  options: ServiceRequest,
): Promise<ServicePlace> {
  const name = serviceNameIn(options.target, NOT_A_SERVICE[options.purpose]);
  const { purpose } = options;
  const flags = awsFlags(options);
  const scope = scopeOf(parseTarget(options.target), { cluster: options.cluster, flags });
  const { cluster } = scope;
  try {
    const service = await details.describeService(cluster, name);
    if (service === undefined) {
      const daemon = await daemonIfAllowed(admin, cluster, name);
      if (daemon !== undefined) throw isDaemon({ name, cluster, daemon, flags, purpose });
      throw await serviceNotFound(ecs, name, scope, undefined);
    }
    const tasks = await tasksOf(ecs, cluster, name).catch((error: unknown) => {
      if (options.redeploy || !isDenied(error)) throw error;
      return [];
    });
    return { cluster, service, tasks };
  } catch (error) {
    if (!(error instanceof EcshError) || error.code !== 'cluster-not-found') throw error;
    throw await clusterNotFound(ecs, scope, error);
  }
}

async function daemonIfAllowed(
  admin: () => Promise<Pick<EcsAdminApi, 'findDaemon'>>,
  cluster: string,
  name: string,
): Promise<ManagedDaemon | undefined> {
  try {
    return await (await admin()).findDaemon(cluster, name);
  } catch (error) {
    // There is no such service; that it might be a daemon is only a help.
    if (error instanceof EcshError) return undefined;
    throw error;
  }
}

interface FoundDaemon {
  readonly name: string;
  readonly cluster: string;
  readonly daemon: ManagedDaemon;
  readonly flags: AwsFlags;
  readonly purpose: ServiceRequest['purpose'];
}

function isDaemon({ name, cluster, daemon, flags, purpose }: FoundDaemon): EcshError {
  const { daemonArn, capacityProviderArns } = daemon;
  const message = `"${name}" is a managed daemon of cluster ${nameInArn(cluster)}, not a service.`;
  if (purpose === 'restart') {
    const hint = `ecsh does not change daemons. Stop one of its tasks:  ${ecshCommand(['stop', `${nameInArn(cluster)}/TASK`], flags)}`;
    return new EcshError('service-expected', message, { hint, exitCode: 2 });
  }
  const providers = capacityProviderArns.length > 0 ? capacityProviderArns : ['CAPACITY_PROVIDER'];
  const command = awsCommand(
    [
      ...['ecs', 'update-daemon', '--daemon-arn', daemonArn],
      ...['--daemon-task-definition-arn', 'DAEMON_TASK_DEFINITION'],
      ...['--capacity-provider-arns', ...providers, '--enable-execute-command'],
    ],
    flags,
  );
  return new EcshError('service-expected', message, {
    hint: `ecsh does not change daemons. Turn ECS Exec on for one:  ${command}`,
    exitCode: 2,
  });
}

async function tasksOf(ecs: EcsApi, cluster: string, service: string): Promise<readonly Task[]> {
  const arns = await ecs.listTasks({ cluster, service });
  return arns.length === 0 ? [] : ecs.describeTasks(cluster, arns);
}

function isDenied(error: unknown): boolean {
  return error instanceof EcshError && error.code === 'access-denied';
}

function serviceNameIn(text: string, hint: string): string {
  const target = parseTarget(text);
  const name =
    target.kind === 'service' ? target.service : target.kind === 'name' ? target.name : undefined;
  if (name !== undefined && !isFullTaskId(name) && target.container === undefined) return name;
  throw new EcshError('service-expected', `"${text}" does not name a service.`, {
    hint,
    exitCode: 2,
  });
}
