import { ApiError, invalidParameter } from '#simulator/api/api-error.ts';
import { type ApiInput, pageOf } from '#simulator/api/api-input.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import type { TaskLife } from '#simulator/tasks/task-life.ts';
import type { DefinitionBook } from './definition-book.ts';
import { showTags } from './tags.ts';

const LISTS = { usual: 100, most: 100 } as const;

interface DefinitionServices {
  readonly life: TaskLife;
  readonly definitions: DefinitionBook;
}

/** The ECS operations that register, list and deregister task definitions. */
export class DefinitionOperations {
  readonly #inventory: Inventory;
  readonly #life: TaskLife;
  readonly #definitions: DefinitionBook;

  constructor(inventory: Inventory, { life, definitions }: DefinitionServices) {
    this.#inventory = inventory;
    this.#life = life;
    this.#definitions = definitions;
  }

  readonly operations: Readonly<Record<string, (input: ApiInput) => object>> = {
    RegisterTaskDefinition: (input) => this.#register(input),
    DeregisterTaskDefinition: (input) => this.#deregister(input),
    ListTaskDefinitions: (input) => this.#list(input),
  };

  #register(input: ApiInput): object {
    const { shown, tags } = this.#definitions.register(input, this.#life.now());
    const hasTags = Object.keys(tags).length > 0;
    return { taskDefinition: shown, ...(hasTags ? { tags: showTags(tags) } : {}) };
  }

  #deregister(input: ApiInput): object {
    const reference = input.text('taskDefinition') ?? '';
    if (!reference.includes(':')) {
      throw invalidParameter('Revision is missing.');
    }
    const found = this.#definitions.deregister(reference, this.#life.now());
    if (found !== undefined) return { taskDefinition: found.shown };
    throw new ApiError('ClientException', 'The specified task definition does not exist.');
  }

  #list(input: ApiInput): object {
    const prefix = input.text('familyPrefix');
    const status = input.text('status') ?? 'ACTIVE';
    const arns = this.#definitions
      .all()
      .filter((defined) => defined.status === status)
      .filter(({ template }) => prefix === undefined || template.family === prefix)
      .sort((one, other) => one.template.revision - other.template.revision)
      .map(({ template }) => this.#inventory.taskDefinitionArn(template));
    const unique = [...new Set(arns)];
    return pageOf(
      input.text('sort') === 'DESC' ? unique.reverse() : unique,
      input,
      'taskDefinitionArns',
      LISTS,
    );
  }
}
