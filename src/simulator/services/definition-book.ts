import { ApiError } from '#simulator/api/api-error.ts';
import { ApiInput } from '#simulator/api/api-input.ts';
import type { FleetTask } from '#simulator/fleet/fleet.ts';
import { Fields } from '#simulator/fleet/fleet-fields.ts';
import { parseTask } from '#simulator/fleet/fleet-file.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import { tagsOf } from './tags.ts';
import { showTaskDefinition } from './task-definition.ts';

type ApiFields = Readonly<Record<string, unknown>>;

/** A task definition as the API shows it, and a template for its tasks. */
interface DefinedTask {
  readonly shown: ApiFields;
  readonly template: FleetTask;
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Defaults of a container definition (ECS API, ContainerDefinition). */
const CONTAINER_DEFAULTS: ApiFields = {
  cpu: 0,
  portMappings: [],
  essential: true,
  environment: [],
  mountPoints: [],
  volumesFrom: [],
};

/** All task definitions: those of the fleet's tasks, and those registered while the simulator runs. */
export class DefinitionBook {
  readonly #inventory: Inventory;
  readonly #registered: DefinedTask[] = [];
  /** When each was deregistered, in seconds since the epoch, by ARN. */
  readonly #deregistered = new Map<string, number>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  get families(): readonly string[] {
    return [...new Set(this.all().map(({ template }) => template.family))].sort();
  }

  tagsOf(template: FleetTask): Readonly<Record<string, string>> {
    return this.find(this.#inventory.taskDefinitionArn(template))?.tags ?? {};
  }

  /** Finds one by ARN, by `FAMILY:REVISION`, or by family, which means its newest ACTIVE revision. */
  find(reference: string): DefinedTask | undefined {
    const matching = this.all().filter(({ template, status }) => {
      const { family, revision } = template;
      const arn = this.#inventory.taskDefinitionArn(template);
      if ([arn, `${family}:${revision}`].includes(reference)) return true;
      return family === reference && status === 'ACTIVE';
    });
    const newest = Math.max(...matching.map(({ template }) => template.revision));
    return matching.find(({ template }) => template.revision === newest);
  }

  /** @throws ApiError `ClientException`, with the texts that users have reported from ECS */
  register(input: ApiInput, registeredAt: number): DefinedTask {
    const family = familyOf(input);
    const former = this.#newest(family);
    const revision = (former?.revision ?? 0) + 1;
    const tags = tagsOf(input);
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
    const defined = { shown, template, tags, status: 'ACTIVE' };
    this.#registered.push(defined);
    return defined;
  }

  /** Makes a revision INACTIVE; undefined if it does not exist. */
  deregister(reference: string, now: number): DefinedTask | undefined {
    const found = this.find(reference);
    if (found === undefined) return undefined;
    this.#deregistered.set(this.#inventory.taskDefinitionArn(found.template), now);
    return this.find(this.#inventory.taskDefinitionArn(found.template));
  }

  /** The newest revision of any status: revision numbers are never reused. */
  #newest(family: string): FleetTask | undefined {
    return this.all()
      .map(({ template }) => template)
      .filter((template) => template.family === family)
      .sort((one, other) => other.revision - one.revision)[0];
  }

  /** Returns each revision once: as registered, or as the tasks of the fleet imply it. */
  all(): readonly DefinedTask[] {
    const ofFleet = this.#inventory.fleet.clusters.flatMap((cluster) =>
      this.#inventory.templates(cluster).map((template) => ({
        template,
        shown: showTaskDefinition(this.#inventory, cluster, template),
        status: 'ACTIVE',
        tags: {},
      })),
    );
    return [...this.#registered, ...ofFleet].map((defined) => this.#current(defined));
  }

  #current(defined: DefinedTask): DefinedTask {
    const arn = this.#inventory.taskDefinitionArn(defined.template);
    const deregisteredAt = this.#deregistered.get(arn);
    if (deregisteredAt === undefined) return defined;
    const status = 'INACTIVE';
    return { ...defined, status, shown: { ...defined.shown, status, deregisteredAt } };
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
  /** The previous revision of the family. */
  readonly former: FleetTask | undefined;
}

/** Containers of the previous revision keep their image settings from the fleet file. */
function templateOf(definition: ApiFields, { family, revision, former }: Revision): FleetTask {
  // null prevents a default.
  const taskDefinition = { taskRoleArn: null, executionRoleArn: null, ...definition };
  const containers = new ApiInput(definition).objects('containerDefinitions').map((container) => {
    const { name, image, essential } = container;
    const same = former?.containers.find((candidate) => candidate.name === name);
    const { path, env, workdir, files } = same ?? {};
    // null means no log unless the definition names one.
    const definition = { logConfiguration: null, ...container };
    return { name, image, essential, definition, path, env, workdir, files };
  });
  const fields = new Fields({ family, revision, taskDefinition, containers }, 'task definition');
  const task = parseTask(fields, { path: 'registered', index: revision, service: undefined });
  return { ...task, placement: { ...(former ?? task).placement, taskDefinition } };
}

function clientError(message: string): ApiError {
  return new ApiError('ClientException', message);
}
