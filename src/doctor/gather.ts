import type { Container, ContainerDefinition } from '../domain/ports.ts';
import { chooseContainer } from '../domain/selection.ts';
import type { DoctorSubject } from './check-model.ts';
import { type Area, type Evidence, NO_EVIDENCE, type SetupEvidence } from './evidence.ts';
import { knownValue } from './finding.ts';
import { gatherSetup } from './gather-setup.ts';
import type { Inquiry } from './inquiry.ts';

export interface Gathered {
  readonly evidence: Evidence;
  /** The one asked for, else the default choice; undefined when there is none. */
  readonly container: Container | undefined;
}

/**
 * Finds out what the wanted areas need, in parallel where nothing depends on an answer. Each call is
 * made once.
 */
export async function gather(
  inquiry: Omit<Inquiry, 'container'>,
  areas: ReadonlySet<Area>,
): Promise<Gathered> {
  const setup: SetupEvidence = areas.has('setup') ? await gatherSetup(inquiry) : NO_EVIDENCE;
  const container = containerOf(inquiry.subject, setup);
  return { evidence: { ...NO_EVIDENCE, ...setup }, container };
}

function containerOf(
  { task, containerName }: DoctorSubject,
  { taskDefinition }: SetupEvidence,
): Container | undefined {
  if (task === undefined) return undefined;
  if (containerName !== undefined) {
    return task.containers.find(({ name }) => name === containerName);
  }
  const details = knownValue(taskDefinition)?.containerDefinitions ?? [];
  const definitions = details.flatMap(({ name, essential = true }): ContainerDefinition[] =>
    name === undefined ? [] : [{ name, essential }],
  );
  const choice = chooseContainer(task, definitions);
  return choice.kind === 'chosen' ? choice.container : undefined;
}
