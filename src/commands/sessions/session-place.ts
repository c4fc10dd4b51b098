import type { AwsPorts } from '#commands/app.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { parsePlace } from '#domain/policy/place.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { ListedPlace, SessionListPorts } from '#session-list/session-list.ts';

/**
 * The place that a word names, or the cluster of the options; undefined: everywhere.
 *
 * @throws EcshError `target-invalid`
 */
export function sessionPlace(word: string | undefined, options: SharedOptions): ListedPlace {
  const place = word === undefined ? {} : parsePlace(word);
  const cluster = place.cluster ?? options.cluster;
  return {
    cluster: cluster === undefined ? undefined : nameInArn(cluster),
    target: place.target,
    container: options.container,
  };
}

export async function sessionPorts(aws: AwsPorts): Promise<SessionListPorts> {
  const [sessions, ecs] = await Promise.all([aws.doctor.sessions(), aws.ecs()]);
  return { sessions, ecs, sts: aws.doctor.sts, trail: aws.doctor.trail };
}
