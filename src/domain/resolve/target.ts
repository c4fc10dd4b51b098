import { awsCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { nameInArn, parseArn } from './arn.ts';

interface TargetParts {
  readonly cluster?: string | undefined;
  readonly container?: string | undefined;
  /** Region of the ARN: a task named by its ARN is there, even if the profile has another region. */
  readonly region?: string | undefined;
}

/**
 * A target in the user's form (DESIGN 1). `name` may be a service, a task id or a prefix of one; the other
 * kinds are explicit.
 */
export type ParsedTarget =
  | (TargetParts & { readonly kind: 'name'; readonly name: string })
  | (TargetParts & { readonly kind: 'service'; readonly service: string })
  | (TargetParts & { readonly kind: 'family'; readonly family: string })
  /** A task ARN, a task id, or a prefix of one. */
  | (TargetParts & { readonly kind: 'task'; readonly task: string });

const FORMS = 'A target is [CLUSTER/]NAME[@CONTAINER] or a task ARN, for example: prod/web@app';

/** Names of clusters, services, families and containers: letters, digits, `-` and `_` (ECS API). */
const NAME = /^[\w-]{1,255}$/;
/** 17 hex digits, 8 in old accounts. A service is unlikely to have such a name; `service:NAME` still names it. */
const EC2_INSTANCE = /^i-(?:[0-9a-f]{17}|[0-9a-f]{8})$/;
/** Task ids: 32 hex digits today, a UUID with hyphens in old accounts. */
const FULL_TASK_ID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const TASK_ID_PREFIX = /^[0-9a-f][0-9a-f-]{0,35}$/;

/**
 * Parses `[CLUSTER/]NAME[@CONTAINER]`, `[CLUSTER/]service:NAME`, `…task:ID`, `…family:NAME`, and
 * task or service ARNs of any partition, each with `@CONTAINER`.
 *
 * @throws EcshError `target-invalid`, naming the part that is wrong.
 */
export function parseTarget(text: string): ParsedTarget {
  // In theory a service may have this name; `service:-` still names it.
  if (text === '-') throw invalid(text, 'the last target has no meaning here');
  const { address, container } = splitContainer(text);
  if (address.startsWith('arn:')) return parseArnTarget(text, address, container);
  return parsePlainTarget(text, address, container);
}

/** The same target without `--cluster`. */
export function wholeTarget(text: string, cluster: string | undefined): string {
  const isWhole = cluster === undefined || parseTarget(text).cluster !== undefined;
  return isWhole ? text : `${cluster}/${text}`;
}

/** Characters of the name of a cluster, service, family or container. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

export function isFullTaskId(text: string): boolean {
  return FULL_TASK_ID.test(text);
}

export function isTaskIdPrefix(text: string): boolean {
  return TASK_ID_PREFIX.test(text);
}

function splitContainer(text: string): { address: string; container?: string } {
  const at = text.indexOf('@');
  if (at === -1) return { address: text };
  const container = text.slice(at + 1);
  if (container === '') throw invalid(text, 'the container after @ is empty');
  if (container.includes('/')) throw userBefore(text.slice(0, at), container);
  if (!NAME.test(container)) throw invalid(text, `"${container}" is not a container name`);
  return { address: text.slice(0, at), container };
}

function parsePlainTarget(
  text: string,
  address: string,
  container: string | undefined,
): ParsedTarget {
  // Accepts `service:prod/web` for `prod/service:web`, because users type both orders.
  const outer = splitKind(address);
  const parts = outer.rest.split('/');
  if (parts.length > 2) throw invalid(text, 'it has more than one "/"', likely(parts));
  const cluster = parts.length === 2 ? parts[0] : undefined;
  const inner = splitKind(parts.at(-1) ?? '');
  if (outer.kind !== undefined && inner.kind !== undefined) {
    throw invalid(text, `it has two prefixes, "${outer.kind}:" and "${inner.kind}:"`);
  }
  if (cluster === '') throw invalid(text, 'the cluster before "/" is empty');
  if (cluster !== undefined && NAME.test(cluster) && parts[1] === '') throw clusterOnly(cluster);
  if (cluster !== undefined && !NAME.test(cluster)) {
    throw invalid(text, `"${cluster}" is not a cluster name`);
  }
  return named(text, outer.kind ?? inner.kind ?? 'name', inner.rest, { cluster, container });
}

function splitKind(text: string): { kind?: ParsedTarget['kind']; rest: string } {
  for (const kind of ['service', 'task', 'family'] as const) {
    if (text.startsWith(`${kind}:`)) return { kind, rest: text.slice(kind.length + 1) };
  }
  return { rest: text };
}

function named(
  text: string,
  kind: ParsedTarget['kind'],
  name: string,
  parts: TargetParts,
): ParsedTarget {
  if (name === '') throw invalid(text, 'the name is empty');
  if (kind === 'task') {
    const task = name.toLowerCase();
    if (!isTaskIdPrefix(task)) throw invalid(text, `"${name}" is not a task id (hex digits)`);
    return { ...parts, kind, task };
  }
  if (kind === 'name' && EC2_INSTANCE.test(name)) throw instance(name);
  if (!NAME.test(name)) {
    const problem = `"${name}" is not a name (letters, digits, "-" and "_" only)`;
    throw invalid(text, problem, meantBy(name, parts.cluster));
  }
  switch (kind) {
    case 'service':
      return { ...parts, kind, service: name };
    case 'family':
      return { ...parts, kind, family: name };
    case 'name':
      return { ...parts, kind, name };
  }
}

function parseArnTarget(
  text: string,
  address: string,
  container: string | undefined,
): ParsedTarget {
  const arn = parseArn(address);
  if (arn === undefined) throw invalid(text, 'this is not a complete ARN');
  if (arn.service !== 'ecs') throw invalid(text, `this is an ARN of ${arn.service}, not of ecs`);
  const [type, ...path] = arn.resource.split('/');
  // Old format: task/ID and service/NAME, without the cluster. New: task/CLUSTER/ID.
  if ((type !== 'task' && type !== 'service') || path.length < 1 || path.length > 2) {
    const error = invalid(text, `this ARN names a ${type}; give a task or a service`);
    if (type !== 'cluster') throw error;
    throw new EcshError(error.code, error.message, { hint: inCluster(nameInArn(address)) });
  }
  if (path.some((part) => !NAME.test(part))) throw invalid(text, 'this is not a complete ARN');
  const cluster = path.length === 2 ? path[0] : undefined;
  const parts = { cluster, container, region: arn.region === '' ? undefined : arn.region };
  if (type === 'service') return { ...parts, kind: 'service', service: nameInArn(address) };
  return { ...parts, kind: 'task', task: address };
}

/** `prod/`, as completion leaves it. */
function clusterOnly(cluster: string): EcshError {
  return new EcshError('target-invalid', `"${cluster}/" names a cluster and nothing in it.`, {
    hint: inCluster(cluster),
  });
}

function inCluster(cluster: string): string {
  return `Name a service or task, as ${cluster}/NAME. List them:  ecsh ls ${cluster}`;
}

function instance(id: string): EcshError {
  return new EcshError('target-invalid', `${id} is an EC2 instance, not something of ECS.`, {
    hint: `Its own shell:  ${awsCommand(['ssm', 'start-session', '--target', id])}`,
  });
}

/** `root@prod/web`, as in ssh. */
function userBefore(user: string, target: string): EcshError {
  return new EcshError('target-invalid', 'What follows @ is a container, not a host.', {
    hint: `The user is -u:  ecsh -u ${user} ${target}`,
  });
}

function invalid(text: string, problem: string, meant?: string): EcshError {
  return new EcshError('target-invalid', `Cannot read the target "${text}": ${problem}.`, {
    hint: meant === undefined ? FORMS : `Did you mean ${meant}?\n${FORMS}`,
  });
}

/** `prod/web/app` names a container in the syntax of some tools; `prod/web:/tmp` is a path for `cp`. */
function likely(parts: readonly string[]): string | undefined {
  const [scheme = ''] = parts;
  // `ssh://prod/web`, `prod//web`, `prod/web/`
  const [cluster = '', name = '', container, ...rest] = parts.filter(
    (part) => part !== '' && (part !== scheme || !scheme.endsWith(':')),
  );
  if (!isName(cluster) || rest.length > 0) return undefined;
  if (container === undefined && isName(name)) return `${cluster}/${name}`;
  if (isName(name) && isName(container ?? '')) return `${cluster}/${name}@${container}`;
  return name.endsWith(':') ? `${cluster}/${name.slice(0, -1)}` : undefined;
}

/** `prod:web`, `prod/web:app`, `web.prod.ecs` and `app.web.prod.ecs`, as in ssh. */
function meantBy(name: string, cluster: string | undefined): string | undefined {
  const parts = name.split(':');
  if (parts.length === 2 && parts.every(isName)) {
    return cluster === undefined ? parts.join('/') : `${cluster}/${parts.join('@')}`;
  }
  const labels = name.split('.');
  if (labels.pop() !== 'ecs' || !labels.every(isName)) return undefined;
  const [place = '', service = '', container, ...rest] = labels.reverse();
  if (service === '' || rest.length > 0) return undefined;
  return container === undefined ? `${place}/${service}` : `${place}/${service}@${container}`;
}
