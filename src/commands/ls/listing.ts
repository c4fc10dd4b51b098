import { awsFlags } from '#commands/shared-options.ts';
import { type AwsFlags, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { type Place, parsePlace } from '#domain/policy/place.ts';
import { isFullTaskId, type ParsedTarget } from '#domain/resolve/target.ts';
import type { LsKind, LsOptions, TaskStatus } from './ls-options.ts';

/** The listing that all words and flags together ask for. */
export interface Listing {
  readonly kind: LsKind;
  readonly place: Place;
  readonly service?: string | undefined;
  readonly family?: string | undefined;
  readonly container?: string | undefined;
  readonly status?: TaskStatus | undefined;
  /** All have to be there; without a value, any will do. */
  readonly tags: readonly TagFilter[];
  /** Tags make answers longer, so they are requested only if they are shown. */
  readonly showsTags: boolean;
  readonly flags: AwsFlags;
}

export interface TagFilter {
  readonly key: string;
  readonly value?: string | undefined;
}

/** The filters that do not apply to each kind. */
const NOT_FOR: Readonly<Record<LsKind, readonly ('service' | 'family' | 'status')[]>> = {
  clusters: ['service', 'family', 'status'],
  services: ['status'],
  tasks: [],
  containers: [],
};

/** @throws EcshError `usage`, or `target-invalid` */
export function listingOf(options: LsOptions): Listing {
  assertNamed(options);
  const named = options.place === undefined ? {} : parsePlace(options.place);
  const { target } = named;
  const place = { ...named, cluster: named.cluster ?? defaultCluster(options) };
  const kind = options.kind ?? kindOf(place, options);
  const hasStatus = kind === 'tasks' || kind === 'containers';
  const listing = {
    kind,
    place,
    service: agreed('service', serviceIn(target), options),
    family: agreed('family', target?.kind === 'family' ? target.family : undefined, options),
    container: target?.container ?? options.container,
    status: options.status ?? (options.all && hasStatus ? ('all' as const) : undefined),
    tags: options.tag.map(tagFilter),
    showsTags: (options.json || options.wide) ?? false,
    flags: { ...awsFlags(options), region: place.region ?? options.region },
  };
  assertUsable(listing);
  if (options.allClusters && named.cluster !== undefined) {
    throw usage('--all-clusters looks into every cluster: name none.');
  }
  return listing;
}

/** A list of clusters is not narrowed by the one that is used most. */
function defaultCluster({ kind, cluster, allClusters }: LsOptions): string | undefined {
  return kind === 'clusters' || allClusters ? undefined : cluster;
}

/** Lists the next level below the named place: clusters, the services of one, the tasks of one, the containers. */
function kindOf({ cluster, target }: Place, { container }: LsOptions): LsKind {
  if (target?.container !== undefined || container !== undefined) return 'containers';
  if (target === undefined) return cluster === undefined ? 'clusters' : 'services';
  return taskIn(target) === undefined ? 'tasks' : 'containers';
}

/** A name is one of a service first, unless it can only be a task's. */
function serviceIn(target: ParsedTarget | undefined): string | undefined {
  if (target?.kind === 'service') return target.service;
  return target?.kind === 'name' && !isFullTaskId(target.name) ? target.name : undefined;
}

/** Id or ARN of the task that is named, or the start of an id. */
export function taskIn(target: ParsedTarget | undefined): string | undefined {
  if (target?.kind === 'task') return target.task;
  return target?.kind === 'name' && isFullTaskId(target.name) ? target.name : undefined;
}

function agreed(
  name: 'service' | 'family',
  inPlace: string | undefined,
  options: LsOptions,
): string | undefined {
  const option = options[name];
  if (inPlace === undefined || option === undefined || inPlace === option) return inPlace ?? option;
  throw usage(`The place says ${name} "${inPlace}" and --${name} says "${option}".`);
}

function assertUsable({ kind, place, ...filters }: Listing): void {
  const { target } = place;
  if (kind === 'clusters' && target !== undefined) {
    throw usage('A list of clusters takes the name of a cluster, not of a service or task.');
  }
  if (kind === 'services' && taskIn(target) !== undefined) {
    throw usage('A task has no services: list its containers.');
  }
  const useless = NOT_FOR[kind].find((name) => filters[name] !== undefined);
  if (useless === undefined) return;
  const words = ['ls', 'tasks', ...(place.cluster === undefined ? [] : [place.cluster])];
  throw usage(
    `--${useless} does not narrow a list of ${kind}.`,
    useless === 'status'
      ? `Tasks have a status:  ${ecshCommand([...words, '--status', `${filters.status}`])}`
      : undefined,
  );
}

/** An empty word is most likely a variable that a script forgot to set. */
function assertNamed({ service, family, tag }: LsOptions): void {
  const filters = [
    { flag: '--service', isEmpty: service === '' },
    { flag: '--family', isEmpty: family === '' },
    { flag: '--tag', isEmpty: tag.some(isKeyless) },
  ];
  const empty = filters.find(({ isEmpty }) => isEmpty);
  if (empty !== undefined) throw usage(`${empty.flag} needs a name.`);
}

function isKeyless(tag: string): boolean {
  return tag === '' || tag.startsWith('=');
}

function tagFilter(text: string): TagFilter {
  const at = text.indexOf('=');
  return at === -1 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) };
}

function usage(message: string, hint = 'Examples:  ecsh ls --help'): EcshError {
  return new EcshError('usage', message, { hint });
}
