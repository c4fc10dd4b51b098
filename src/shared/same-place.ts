import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import { isTaskIdPrefix, parseTarget, type Target } from '#domain/resolve/target.ts';
import type { Place } from './relay-messages.ts';

/** The request that a shared session was opened for, and the target found. */
export interface ServedPlace {
  readonly place: Place;
  readonly target: ReadyTarget;
}

/**
 * Whether the words of a command name the container of a session, without asking AWS. A service is the task that
 * the session has chosen of it. In doubt it is not, and the command opens a session of its own.
 */
export function isServed({ place: own, target }: ServedPlace, asked: Place): boolean {
  const sameAccount =
    asked.region === own.region &&
    asked.profile === own.profile &&
    asked.endpointUrl === own.endpointUrl;
  if (!sameAccount) return false;
  const words = parseTarget(asked.target);
  const cluster = words.cluster ?? asked.cluster ?? DEFAULT_CLUSTER;
  if (!isTaskArn(words, target) && nameInArn(cluster) !== target.cluster) return false;
  return isTask(words, target) && isContainer(words.container ?? asked.container, own, target);
}

const DEFAULT_CLUSTER = 'default';

function isTaskArn(words: Target, { task }: ReadyTarget): boolean {
  return words.kind === 'task' && words.task === task.taskArn;
}

function isTask(words: Target, { task }: ReadyTarget): boolean {
  const id = nameInArn(task.taskArn);
  const service = serviceOf(task);
  switch (words.kind) {
    case 'task':
      return (
        words.task === task.taskArn ||
        (words.task.length >= LEAST_PREFIX && id.startsWith(words.task))
      );
    case 'service':
      return words.service === service;
    case 'name':
      // A service wins over a task whose id begins with the same characters.
      if (words.name === service) return true;
      return (
        isTaskIdPrefix(words.name) && words.name.length >= LEAST_PREFIX && id.startsWith(words.name)
      );
    case 'family':
      return false;
  }
}

/** Shorter ones may begin the id of another task too. */
const LEAST_PREFIX = 8;

/** Without a name, the container that is chosen for both in the same way. */
function isContainer(name: string | undefined, own: Place, { container }: ReadyTarget): boolean {
  if (name !== undefined) return name === container.name;
  return (parseTarget(own.target).container ?? own.container) === undefined;
}
