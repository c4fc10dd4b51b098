import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import { isTaskIdPrefix, type ParsedTarget, parseTarget } from '#domain/resolve/target.ts';
import type { RelayPlace } from './relay-messages.ts';

/** The user's TARGET and flags, and the container that they resolved to. */
export interface ServedPlace {
  readonly place: RelayPlace;
  readonly target: ReadyTarget;
}

/**
 * Decides, without calling AWS, whether a command is for the container of this session. A service name means the task
 * that the session chose. In doubt the answer is no, and the command opens its own session.
 */
export function isServed({ place: own, target }: ServedPlace, asked: RelayPlace): boolean {
  const isSameAccount =
    asked.region === own.region &&
    asked.profile === own.profile &&
    asked.endpointUrl === own.endpointUrl;
  if (!isSameAccount) return false;
  const words = parseTarget(asked.target);
  const cluster = words.cluster ?? asked.cluster ?? DEFAULT_CLUSTER;
  if (!isTaskArn(words, target) && nameInArn(cluster) !== target.cluster) return false;
  return isTask(words, target) && isContainer(words.container ?? asked.container, own, target);
}

const DEFAULT_CLUSTER = 'default';

function isTaskArn(words: ParsedTarget, { task }: ReadyTarget): boolean {
  return words.kind === 'task' && words.task === task.taskArn;
}

function isTask(words: ParsedTarget, { task }: ReadyTarget): boolean {
  const id = nameInArn(task.taskArn);
  const service = serviceOf(task);
  switch (words.kind) {
    case 'task':
      return (
        words.task === task.taskArn ||
        (words.task.length >= MIN_PREFIX && id.startsWith(words.task))
      );
    case 'service':
      return words.service === service;
    case 'name':
      // A service takes precedence over a task whose id begins with the same characters.
      if (words.name === service) return true;
      return (
        isTaskIdPrefix(words.name) && words.name.length >= MIN_PREFIX && id.startsWith(words.name)
      );
    case 'family':
      return false;
  }
}

/** A shorter prefix may match another task as well. */
const MIN_PREFIX = 8;

/** If neither names a container, both use the same default. */
function isContainer(
  name: string | undefined,
  own: RelayPlace,
  { container }: ReadyTarget,
): boolean {
  if (name !== undefined) return name === container.name;
  return (parseTarget(own.target).container ?? own.container) === undefined;
}
