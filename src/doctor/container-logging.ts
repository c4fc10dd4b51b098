import { type SessionLogging, sessionLogging } from '#doctor/rules/session-logging.ts';
import type { Container } from '#domain/resolve/task.ts';
import type { SetupEvidence } from './evidence.ts';
import { type Finding, known, notAsked } from './finding.ts';

/** Where sessions in the container are logged, or why that is unknown. */
export function containerLogging(
  { cluster, taskDefinition }: Pick<SetupEvidence, 'cluster' | 'taskDefinition'>,
  container: Container | undefined,
): Finding<SessionLogging> {
  if (cluster.kind !== 'known') return cluster;
  if (cluster.value === undefined) return notAsked('There is no cluster.');
  const definitions =
    taskDefinition.kind === 'known' ? taskDefinition.value?.containerDefinitions : undefined;
  const definition = definitions?.find(({ name }) => name === container?.name);
  const logging = sessionLogging(cluster.value, definition);
  // With logging DEFAULT, session logs go to the log group of the container's own logs.
  return logging.mode === 'DEFAULT' && taskDefinition.kind === 'unknown'
    ? taskDefinition
    : known(logging);
}
