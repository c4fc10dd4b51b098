import { EcshError } from '#domain/errors/errors.ts';
import type { EcsDetailsApi } from '#domain/ports/doctor-ports.ts';
import type { EcsAdminApi } from '#domain/ports/ecs-admin-ports.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { type ResolveRequest, resolveTask, scopeOf } from '#domain/resolve/resolve.ts';
import { serviceNotFound } from '#domain/resolve/resolve-errors.ts';
import { isFullTaskId, type ParsedTarget, parseTarget } from '#domain/resolve/target.ts';
import { type ServicePage, servicePage } from './service-page.ts';
import { type TaskPage, taskPage } from './task-page.ts';

export interface PagePorts {
  readonly ecs: EcsApi;
  readonly details: Pick<EcsDetailsApi, 'describeService' | 'describeTaskDefinition'>;
  readonly admin: Pick<EcsAdminApi, 'listStoppedTasks'>;
}

export interface FoundPage {
  readonly page: ServicePage | TaskPage;
  /** For stderr, for example which of several tasks was chosen. */
  readonly notices: readonly string[];
}

/**
 * The page of the service or task that a target names. A name is looked up as a service first.
 *
 * @throws EcshError as `resolveTask`
 */
export async function findPage(ports: PagePorts, request: ResolveRequest): Promise<FoundPage> {
  const target = parseTarget(request.target);
  const name = serviceNameOf(target);
  const { flags = {} } = request;
  if (name !== undefined) {
    const scope = scopeOf(target, request);
    const service = await serviceIfThere(ports, scope.cluster, name);
    if (service !== undefined) {
      return { page: await pageOf(ports, scope.cluster, service, request), notices: [] };
    }
    if (target.kind === 'service') throw await serviceNotFound(ports.ecs, name, scope, undefined);
  }
  const { task, notices } = await resolveTask(ports.ecs, { ...request, tags: true });
  return { page: taskPage(task, flags), notices };
}

/** `resolveTask` explains a missing cluster. */
async function serviceIfThere({ details }: PagePorts, cluster: string, name: string) {
  try {
    return await details.describeService(cluster, name);
  } catch (error) {
    if (error instanceof EcshError && error.code === 'cluster-not-found') return undefined;
    throw error;
  }
}

function serviceNameOf(target: ParsedTarget): string | undefined {
  if (target.kind === 'service') return target.service;
  return target.kind === 'name' && !isFullTaskId(target.name) ? target.name : undefined;
}

async function pageOf(
  { ecs, details, admin }: PagePorts,
  cluster: string,
  service: ServiceDetails,
  { flags = {} }: ResolveRequest,
): Promise<ServicePage> {
  const { serviceName = '', taskDefinition } = service;
  const describe = async (arns: readonly string[]) =>
    arns.length === 0 ? [] : ecs.describeTasks(cluster, arns);
  const [tasks, stopped, definition] = await Promise.all([
    ecs.listTasks({ cluster, service: serviceName }).then(describe),
    // The page is useful without facts for which the caller lacks permission.
    ifPossible(() => admin.listStoppedTasks(cluster, serviceName).then(describe)),
    taskDefinition === undefined
      ? undefined
      : ifPossible(() => details.describeTaskDefinition(taskDefinition)),
  ]);
  return servicePage({ cluster: nameInArn(cluster), service, definition, tasks, stopped, flags });
}

async function ifPossible<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof EcshError) return undefined;
    throw error;
  }
}
