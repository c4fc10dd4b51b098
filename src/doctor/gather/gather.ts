import type { DoctorSubject } from '#doctor/check-model.ts';
import { type Area, type Evidence, NO_EVIDENCE, type SetupEvidence } from '#doctor/evidence.ts';
import { knownValue } from '#doctor/finding.ts';
import type { ContainerDefinition } from '#domain/ports/ecs-ports.ts';
import { chooseContainer } from '#domain/resolve/selection.ts';
import type { Container } from '#domain/resolve/task.ts';
import { gatherDestinations } from './destinations.ts';
import { gatherHost } from './host.ts';
import type { Inquiry } from './inquiry.ts';
import { gatherLocal } from './local.ts';
import { gatherNetwork } from './network.ts';
import { gatherCaller, gatherPermissions } from './permissions.ts';
import { gatherSessions } from './sessions.ts';
import { gatherSetup } from './setup.ts';

export interface Gathered {
  readonly evidence: Evidence;
  /** The requested container, or else the default choice; undefined if there is none. */
  readonly container: Container | undefined;
}

/**
 * Gathers evidence for the requested areas, in parallel unless a call depends on an earlier one. Each call is
 * made once.
 */
export async function gather(
  inquiry: Omit<Inquiry, 'container'>,
  areas: ReadonlySet<Area>,
): Promise<Gathered> {
  const setup: SetupEvidence = areas.has('setup') ? await gatherSetup(inquiry) : NO_EVIDENCE;
  const container = containerOf(inquiry.subject, setup);
  const full = { ...inquiry, container };
  const parts = await Promise.all([
    gatherAround(full, setup, areas),
    areas.has('sessions') ? gatherSessions(full) : undefined,
    areas.has('local') ? gatherLocal(full) : undefined,
  ]);
  return { evidence: Object.assign({ ...NO_EVIDENCE, ...setup }, ...parts), container };
}

/** The permission checks need the key and the instance; the network checks need the instance. */
async function gatherAround(
  inquiry: Inquiry,
  setup: SetupEvidence,
  areas: ReadonlySet<Area>,
): Promise<Partial<Evidence>> {
  const isOn = (...names: readonly Area[]) => names.some((name) => areas.has(name));
  const [caller, host, destinations] = await Promise.all([
    isOn('permissions', 'local') ? gatherCaller(inquiry) : NO_EVIDENCE.caller,
    isOn('setup', 'permissions', 'network') ? gatherHost(inquiry, setup) : NO_EVIDENCE,
    isOn('permissions', 'destinations') ? gatherDestinations(inquiry, setup) : NO_EVIDENCE,
  ]);
  const [permissions, network] = await Promise.all([
    isOn('permissions')
      ? gatherPermissions(inquiry, { ...setup, ...host, ...destinations, caller })
      : undefined,
    isOn('network') ? gatherNetwork(inquiry, setup, host) : undefined,
  ]);
  const { instance, image } = host;
  const { key, logGroups, bucket, bucketEncryption, isForeignBucket } = destinations;
  return {
    caller,
    instance,
    image,
    key,
    logGroups,
    bucket,
    bucketEncryption,
    isForeignBucket,
    ...permissions,
    ...network,
  };
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
