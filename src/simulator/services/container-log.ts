import type { Fleet, FleetCluster, FleetContainer, FleetTask } from '#simulator/fleet/fleet.ts';
import type { TargetPlace } from '#simulator/fleet/inventory.ts';
import type { SimulatedLogGroups } from './log-groups.ts';
import type { LogStore } from './log-store.ts';
import { definedContainers } from './task-definition.ts';

/** Where the awslogs driver sends a container's output. */
export interface LogDestination {
  readonly group: string;
  readonly stream: string;
  /** `awslogs-create-group`: the driver creates the group if it is missing. */
  readonly createsGroup: boolean;
}

/** The awslogs destination of a container; undefined for other log drivers. */
export function logDestinationOf(
  fleet: Pick<Fleet, 'region'>,
  cluster: FleetCluster,
  { task, container }: { readonly task: FleetTask; readonly container: FleetContainer },
): LogDestination | undefined {
  const defined = definedContainers(fleet, cluster, task).find(
    ({ name }) => name === container.name,
  );
  const configuration = Object(defined?.logConfiguration);
  if (Reflect.get(configuration, 'logDriver') !== 'awslogs') return undefined;
  const options = Object(Reflect.get(configuration, 'options'));
  const text = (name: string) => String(Reflect.get(options, name) ?? '');
  const group = text('awslogs-group');
  if (group === '') return undefined;
  const prefix = text('awslogs-stream-prefix');
  // Without a prefix, the stream is named after the container's Docker id.
  const stream = prefix === '' ? container.runtimeId : `${prefix}/${container.name}/${task.id}`;
  return { group, stream, createsGroup: text('awslogs-create-group') === 'true' };
}

/** The stopped reason of the task (stopCode TaskFailedToStart). Source: ECS developer guide, "ResourceInitializationError". */
const NO_LOG_GROUP =
  'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: ' +
  'failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1';

interface LogServices {
  readonly fleet: Pick<Fleet, 'region'>;
  readonly groups: SimulatedLogGroups;
  readonly logs: LogStore;
  readonly now: () => number;
}

/** Returns a function that logs one line of a container, or a failure if its log group is missing. */
export function openContainerLog(
  place: TargetPlace,
  { fleet, groups, logs, now }: LogServices,
): ((line: string) => void) | { readonly failure: string } {
  const destination = logDestinationOf(fleet, place.cluster, place);
  if (destination === undefined) return () => undefined;
  const { group, stream, createsGroup } = destination;
  if (groups.find(group) === undefined) {
    if (!createsGroup) return { failure: NO_LOG_GROUP };
    groups.put({ name: group, kmsKeyId: undefined, exists: true });
  }
  logs.create(group, stream, now());
  return (line) => logs.append(group, stream, line, now());
}
