import { EcshError } from '#domain/errors/errors.ts';
import type { ContainerDefinition, EcsApi } from '#domain/ports/ecs-ports.ts';
import { familyOf, nameInArn } from './arn.ts';
import { suggestNames } from './suggestion.ts';
import type { Container, Task } from './task.ts';

export interface ContainerRequest {
  /** `@CONTAINER` of the target. */
  readonly inTarget?: string | undefined;
  /** `-c CONTAINER`. */
  readonly option?: string | undefined;
  /** Asked if nothing else decides. */
  readonly decide?: DecideContainer | undefined;
}

/** Decides between several containers. */
export type DecideContainer = (task: Task, candidates: readonly Container[]) => Promise<Container>;

export type ContainerChoice =
  | { readonly kind: 'chosen'; readonly container: Container }
  | { readonly kind: 'undecided'; readonly candidates: readonly Container[] };

/** Containers that AWS adds to a task. */
const SIDECARS: readonly { readonly prefix: string; readonly feature: string }[] = [
  { prefix: 'ecs-service-connect-', feature: 'ECS Service Connect' },
  { prefix: 'aws-guardduty-agent', feature: 'GuardDuty Runtime Monitoring' },
];

/**
 * Chooses the container to enter (DESIGN 1): the named one, otherwise the only one, the one named like the
 * service or family, the only essential one, or the only one that has not ended. Requests the task
 * definition only if still undecided.
 *
 * @throws EcshError `container-conflict`, `container-not-found`, `container-not-running` (none
 *   listed yet; retryable) or `container-ambiguous`.
 */
export async function selectContainer(
  ecs: Pick<EcsApi, 'describeContainerDefinitions'>,
  task: Task,
  request: ContainerRequest = {},
): Promise<Container> {
  const name = requestedName(request);
  if (name !== undefined) return findContainer(task, name);
  const choice = chooseContainer(task);
  if (choice.kind === 'chosen') return choice.container;
  const definitions = await definitionsIfAllowed(ecs, task);
  const second = chooseContainer(task, definitions);
  if (second.kind === 'chosen') return second.container;
  if (request.decide !== undefined) return request.decide(task, second.candidates);
  throw ambiguous(task, second.candidates);
}

/** The same choice without a named container or a call, as the initial selection of a picker. */
export function chooseContainer(
  task: Task,
  definitions: readonly ContainerDefinition[] = [],
): ContainerChoice {
  const candidates = ownContainers(task, definitions);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return { kind: 'chosen', container: only };
  for (const name of [serviceOf(task), familyOf(task.taskDefinitionArn)]) {
    const namesake = candidates.find((container) => container.name === name);
    if (namesake !== undefined) return { kind: 'chosen', container: namesake };
  }
  const essentials = definitions.filter(({ essential }) => essential).map(({ name }) => name);
  const essential = candidates.filter(({ name }) => essentials.includes(name));
  const [single] = essential;
  if (single !== undefined && essential.length === 1) return { kind: 'chosen', container: single };
  // A container that has ended, such as an init container, cannot be entered; one that waits may soon be ready.
  const left = candidates.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  const [last] = left;
  if (last !== undefined && left.length === 1) return { kind: 'chosen', container: last };
  return { kind: 'undecided', candidates: left.length === 0 ? candidates : left };
}

/** The AWS feature that added the container; undefined for the user's own. */
export function sidecarFeature(containerName: string): string | undefined {
  return SIDECARS.find(({ prefix }) => containerName.startsWith(prefix))?.feature;
}

/** `web` of a task whose group is `service:web`; undefined for a standalone task. */
export function serviceOf(task: Task): string | undefined {
  return task.group?.startsWith('service:') ? task.group.slice('service:'.length) : undefined;
}

/** `platformFamily` is `Linux` or `Windows_Server_…`, and may be absent. */
export function isWindows(task: Task): boolean {
  return /windows/i.test(task.platformFamily ?? '');
}

/** @throws EcshError `container-conflict` */
export function requestedName({ inTarget, option }: ContainerRequest): string | undefined {
  if (inTarget !== undefined && option !== undefined && inTarget !== option) {
    throw new EcshError(
      'container-conflict',
      `The target says container "${inTarget}" and -c says "${option}".`,
      { hint: 'Name the container once, either as TARGET@CONTAINER or with -c CONTAINER.' },
    );
  }
  return inTarget ?? option;
}

function findContainer(task: Task, name: string): Container {
  const found = task.containers.find((container) => container.name === name);
  if (found !== undefined) return found;
  if (task.containers.length === 0) throw noneYet(task);
  const [near] = suggestNames(
    name,
    task.containers.map((container) => container.name),
  );
  const suggestion = near === undefined ? '' : `Did you mean ${near}? `;
  throw new EcshError(
    'container-not-found',
    `Task ${nameInArn(task.taskArn)} has no container "${name}".`,
    {
      hint: `${suggestion}Its containers: ${namesOf(task.containers)}. Choose one with -c CONTAINER.`,
    },
  );
}

/** Without AWS's own containers; all of them if nothing else is left. */
function ownContainers(
  task: Task,
  definitions: readonly ContainerDefinition[],
): readonly Container[] {
  // A container that is missing in the task definition was added by AWS, under any name.
  const isDefined = ({ name }: Container) =>
    definitions.length === 0 || definitions.some((definition) => definition.name === name);
  const own = task.containers.filter(
    (container) => sidecarFeature(container.name) === undefined && isDefined(container),
  );
  return own.length > 0 ? own : task.containers;
}

async function definitionsIfAllowed(
  ecs: Pick<EcsApi, 'describeContainerDefinitions'>,
  task: Task,
): Promise<readonly ContainerDefinition[]> {
  if (task.containers.length === 0) throw noneYet(task);
  try {
    return await ecs.describeContainerDefinitions(task.taskDefinitionArn);
  } catch (error) {
    // The caller may have permission to enter the task, but not to read its definition: continue without it.
    if (error instanceof EcshError) return [];
    throw error;
  }
}

function noneYet(task: Task): EcshError {
  const id = nameInArn(task.taskArn);
  return new EcshError(
    'container-not-running',
    `Task ${id} (${task.lastStatus}) has no containers yet.`,
    {
      hint: 'Wait until it is RUNNING, for example with --wait 5m.',
      retryable: task.lastStatus !== 'STOPPED',
    },
  );
}

function ambiguous(task: Task, candidates: readonly Container[]): EcshError {
  const [first] = candidates;
  return new EcshError(
    'container-ambiguous',
    `Task ${nameInArn(task.taskArn)} has several containers: ${namesOf(candidates)}.`,
    { hint: `Choose one with -c, for example: -c ${first?.name ?? 'CONTAINER'}` },
  );
}

function namesOf(containers: readonly Container[]): string {
  return containers.map(({ name }) => name).join(', ');
}
