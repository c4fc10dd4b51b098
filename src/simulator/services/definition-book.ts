import { ApiError } from '#simulator/api/api-error.ts';
import { ApiInput } from '#simulator/api/api-input.ts';
import type { FleetTask } from '#simulator/fleet/fleet.ts';
import { Fields } from '#simulator/fleet/fleet-fields.ts';
import { parseTask } from '#simulator/fleet/fleet-file.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import { showTaskDefinition } from './task-definition.ts';

type ApiFields = Readonly<Record<string, unknown>>;

/** A task definition as the API shows it, and what tasks of it are like. */
interface DefinedTask {
  readonly shown: object;
  readonly template: FleetTask;
}

/** What a container definition has that does not say otherwise (ECS API, ContainerDefinition). */
const CONTAINER_DEFAULTS: ApiFields = {
  cpu: 0,
  portMappings: [],
  essential: true,
  environment: [],
  mountPoints: [],
  volumesFrom: [],
};

/** Task definitions: those that the tasks of the fleet are made from, and what is registered since. */
export class DefinitionBook {
  readonly #inventory: Inventory;
  readonly #registered: DefinedTask[] = [];

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  get families(): readonly string[] {
    return [...new Set(this.#all().map(({ template }) => template.family))].sort();
  }

  /** By ARN, `FAMILY:REVISION`, or the family alone, which means its newest revision. */
  find(reference: string): DefinedTask | undefined {
    const matching = this.#all().filter(({ template }) => {
      const { family, revision } = template;
      const arn = this.#inventory.taskDefinitionArn(template);
      return [arn, `${family}:${revision}`, family].includes(reference);
    });
    const newest = Math.max(...matching.map(({ template }) => template.revision));
    return matching.find(({ template }) => template.revision === newest);
  }

  /** @throws ApiError `ClientException`, in the words that users have reported of ECS */
  register(input: ApiInput, registeredAt: number): object {
    const family = familyOf(input);
    const former = this.find(family)?.template;
    const revision = (former?.revision ?? 0) + 1;
    const { tags: _, ...given } = input.all();
    const definition: ApiFields = {
      volumes: [],
      placementConstraints: [],
      ...given,
      containerDefinitions: containersOf(input),
    };
    const template = templateOf(definition, { family, revision, former });
    const shown = {
      taskDefinitionArn: this.#inventory.taskDefinitionArn(template),
      ...definition,
      revision,
      status: 'ACTIVE',
      compatibilities: definition.networkMode === 'awsvpc' ? ['EC2', 'FARGATE'] : ['EC2'],
      registeredAt,
      registeredBy: this.#inventory.fleet.caller.arn,
    };
    this.#registered.push({ shown, template });
    return shown;
  }

  /** Tasks of a registered one are told by what was registered. */
  #all(): readonly DefinedTask[] {
    const ofFleet = this.#inventory.fleet.clusters.flatMap((cluster) =>
      this.#inventory.templates(cluster).map((template) => ({
        template,
        shown: showTaskDefinition(this.#inventory, cluster, template),
      })),
    );
    return [...this.#registered, ...ofFleet];
  }
}

function familyOf(input: ApiInput): string {
  const family = input.text('family') ?? '';
  if (family === '') throw clientError('Family can not be blank.');
  if (!/^[\w-]{1,255}$/.test(family)) throw clientError('Family contains invalid characters.');
  return family;
}

function containersOf(input: ApiInput): readonly ApiFields[] {
  const containers = input.objects('containerDefinitions');
  if (containers.length === 0) throw clientError('Container list cannot be empty.');
  for (const fields of containers) {
    const container = new ApiInput(fields);
    const name = container.text('name') ?? '';
    if (name === '') throw clientError('Container.name should not be null or empty.');
    if (!container.text('image')) {
      throw clientError('Container.image should not be null or empty.');
    }
    if ([input, container].every((one) => !one.has('memory') && !one.has('memoryReservation'))) {
      throw clientError(
        `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
      );
    }
  }
  return containers.map((container) => ({ ...CONTAINER_DEFAULTS, ...container }));
}

interface Revision {
  readonly family: string;
  readonly revision: number;
  /** The newest of the family before. */
  readonly former: FleetTask | undefined;
}

/** Containers that were there before keep the programs that the fleet file gives them. */
function templateOf(definition: ApiFields, { family, revision, former }: Revision): FleetTask {
  // Null: nothing is taken for granted.
  const taskDefinition = { taskRoleArn: null, executionRoleArn: null, ...definition };
  const containers = new ApiInput(definition).objects('containerDefinitions').map((container) => {
    const { name, image, essential } = container;
    const same = former?.containers.find((candidate) => candidate.name === name);
    const { path, env, workdir } = same ?? {};
    return { name, image, essential, definition: container, path, env, workdir };
  });
  const fields = new Fields({ family, revision, taskDefinition, containers }, 'task definition');
  const task = parseTask(fields, { path: 'registered', index: revision, service: undefined });
  return { ...task, placement: { ...(former ?? task).placement, taskDefinition } };
}

function clientError(message: string): ApiError {
  return new ApiError('ClientException', message);
}
