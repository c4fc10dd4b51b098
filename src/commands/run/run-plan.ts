import { randomUUID } from 'node:crypto';
import type { App, AwsPorts } from '#commands/app.ts';
import { commandOf } from '#commands/exec/exec-options.ts';
import { remoteEnvironment } from '#commands/exec/run-exec.ts';
import { jsonText, writeJsonLine } from '#commands/json-output.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ImageRevision, RunTaskRequest } from '#domain/ports/ecs-admin-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { clusterNotFound } from '#domain/resolve/cluster-errors.ts';
import { scopeOf } from '#domain/resolve/resolve.ts';
import { serviceNotFound } from '#domain/resolve/resolve-errors.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import { withoutValues } from '#rollout/task-clone.ts';
import { holdCommand, runContainer, runTaskRequest } from '#run/run-request.ts';
import { findRunSource, type RunSource, splitRevision } from '#run/run-source.ts';
import { isOwnProgram, type RunOptions, type TargetedRun } from './run-options.ts';

/** The requests of one `ecsh run`, before anything is sent. */
export interface RunPlan {
  readonly source: RunSource;
  readonly container: string;
  /** RunTask; with `--image`, it names the revision once that is registered. */
  readonly request: RunTaskRequest;
  readonly revision: ImageRevision | undefined;
}

/** @throws EcshError of `findRunSource` and `runContainer` */
export async function planRun(app: App, aws: AwsPorts, options: TargetedRun): Promise<RunPlan> {
  const { image } = options;
  const source = await sourceOf(aws, options);
  const container = runContainer(source, containerAsked(options));
  const { taskDefinitionArn = '' } = source.definition;
  const draft =
    image === undefined ? undefined : await (await aws.admin()).draftRevision(taskDefinitionArn);
  return {
    source,
    container,
    request: await requestOf(app, source, container, options),
    revision: image === undefined ? undefined : draft?.withImage(container, image),
  };
}

/** @throws EcshError of `findRunSource`; if the cluster or service is missing, with the names that there are */
async function sourceOf(aws: AwsPorts, options: TargetedRun): Promise<RunSource> {
  const { like, subnet, securityGroup, publicIp, cluster } = options;
  const { target, revision } = splitRevision(options.target);
  const place = { subnets: subnet, securityGroups: securityGroup, publicIp };
  try {
    const details = await aws.doctor.ecs();
    return await findRunSource(details, { target, revision, cluster, like, ...place });
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    const named = parseTarget(target);
    const scope = scopeOf(named, { cluster, flags: awsFlags(options) });
    const service = like ?? (named.kind === 'service' ? named.service : scope.name);
    switch (error.code) {
      case 'cluster-not-found':
        throw await clusterNotFound(await aws.ecs(), scope, error);
      case 'service-not-found':
        throw await serviceNotFound(await aws.ecs(), service ?? '', scope, error);
      default:
        throw error;
    }
  }
}

function containerAsked({ target, container, defaultContainer }: TargetedRun): string | undefined {
  const inTarget = parseTarget(splitRevision(target).target).container;
  return container ?? inTarget ?? defaultContainer;
}

async function requestOf(
  app: App,
  source: RunSource,
  container: string,
  options: RunOptions,
): Promise<RunTaskRequest> {
  const { cpu, memory, taskRole, ttl, image, sh, command } = options;
  const isOwn = isOwnProgram(options);
  // RunTask carries the script unchanged, because there is no session for it.
  const own = sh === undefined ? command : ['sh', '-c', sh, 'sh', ...command];
  // Else they travel in the session. They are read here too, so that a wrong one costs no task.
  const environment = await remoteEnvironment(app, options);
  commandOf(options);
  return runTaskRequest({
    source,
    container,
    command: isOwn ? own : holdCommand(Math.ceil(ttl / 1_000)),
    isDetached: isOwn,
    image,
    overrides: { cpu, memory, taskRole, environment: isOwn ? environment : {} },
    clientToken: randomUUID(),
  });
}

/** Prints the requests; values of variables may be secrets and are left out. */
export function showPlan(app: App, { json }: RunOptions, { request, revision }: RunPlan): number {
  const family = nameInArn(request.taskDefinition).replace(/:\d+$/, '');
  const requests = [
    ...(revision === undefined
      ? []
      : [{ operation: 'RegisterTaskDefinition', input: withoutEnvironment(revision.input) }]),
    {
      operation: 'RunTask',
      input: {
        ...withoutValues(request),
        ...(revision === undefined ? {} : { taskDefinition: `${family} (the revision above)` }),
      },
    },
  ];
  for (const { operation, input } of requests) {
    if (json) writeJsonLine(app.stdout, { operation, input });
    else app.stdout.write(`${operation}\n${jsonText(input, undefined, 2)}\n`);
  }
  return 0;
}

function withoutEnvironment(input: ImageRevision['input']): object {
  const masked = (key: string, value: unknown) =>
    key === 'environment' && Array.isArray(value)
      ? value.map((variable) => ({ ...Object(variable), value: '***' }))
      : value;
  return JSON.parse(JSON.stringify(input, masked));
}
