import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';

/** Whether an event explains why the rollout is stuck, for example "was unable to place a task". */
export function isWorthReporting(message = ''): boolean {
  return /unable to|unhealthy|failed|rolling back|circuit breaker/i.test(message);
}

/** The newest event worth reporting whose id is not in `known`. */
export function lastExplanation(
  { events = [] }: ServiceDetails,
  known: readonly (string | undefined)[],
): string | undefined {
  return events.find(({ id, message }) => !known.includes(id) && isWorthReporting(message))
    ?.message;
}

/** Ids of events from before the deployment began. */
export function eventsBefore(
  { events = [], deployments = [] }: ServiceDetails,
  deploymentId: string,
): readonly (string | undefined)[] {
  const begun = deployments.find(({ id }) => id === deploymentId)?.createdAt;
  const since = (time: Date | undefined) =>
    begun !== undefined && time !== undefined && time >= begun;
  return events.filter(({ createdAt }) => !since(createdAt)).map(({ id }) => id);
}
