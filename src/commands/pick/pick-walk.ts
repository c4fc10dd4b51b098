import { Cancelled } from '#commands/cancelled.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { Choice, Prompts } from '#domain/ports/prompt-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { rankTasks } from '#domain/resolve/candidates.ts';
import type { Container, Task } from '#domain/resolve/task.ts';
import {
  type ClusterEntry,
  clusterChoices,
  containerChoices,
  containerFailure,
  type Owner,
  ownContainers,
  ownerChoices,
  shortId,
  taskChoices,
  taskFailure,
} from './choices.ts';
import { loadClusters, loadOwners, loadTasks, type PickPorts } from './pick-inventory.ts';

export interface PickWorld {
  readonly prompts: Prompts;
  readonly open: () => Promise<Omit<PickPorts, 'flags'>>;
  readonly flags: PickPorts['flags'];
  readonly now: () => number;
  /** Why what was chosen is of no use; the same question follows. */
  readonly onFailure: (error: EcshError) => void;
}

/** The choices already made; the walk begins with the first open one. */
export interface PickStart {
  /** Name or ARN. */
  readonly cluster?: string | undefined;
  readonly owner?: Owner | undefined;
  readonly container?: string | undefined;
  /** A service does not stand for one of its tasks. */
  readonly strict?: boolean | undefined;
  /** Tasks that cannot be entered are offered too. */
  readonly takesAny?: boolean | undefined;
}

const BACK = Symbol('back');
type Walked<T> = T | typeof BACK;

/**
 * Walks from clusters to services, tasks and containers. What leaves no choice is not asked, and going
 * back passes over it.
 *
 * @returns a target that can be typed the next time
 * @throws Cancelled, or EcshError where nothing is left to choose from
 */
export async function pickTarget(world: PickWorld, start: PickStart): Promise<string> {
  const target = await new Walk(world, start).run();
  // The first question offers no way back.
  if (target === BACK) throw new Cancelled();
  return target;
}

/** One of the containers that nothing else decides between. */
export async function pickContainer(
  prompts: Prompts,
  task: Task,
  candidates: readonly Container[],
): Promise<Container> {
  const answer = await prompts.select({
    message: `Container of task ${shortId(task)}`,
    choices: containerChoices(task, candidates),
    canGoBack: false,
  });
  if (answer.kind === 'chosen') return answer.value;
  throw new Cancelled(answer.kind === 'cancelled' ? answer.by : undefined);
}

class Walk {
  readonly #world: PickWorld;
  readonly #start: PickStart;

  constructor(world: PickWorld, start: PickStart) {
    this.#world = world;
    this.#start = start;
  }

  async run(): Promise<Walked<string>> {
    const { cluster, owner } = this.#start;
    if (cluster !== undefined && owner !== undefined) return this.#tasks(cluster, owner, false);
    if (cluster !== undefined) return this.#owners({ name: cluster }, false);
    const clusters = await this.#load('Loading clusters…', loadClusters);
    return this.#choose('Cluster', clusterChoices(clusters), false, (chosen, canGoBack) =>
      this.#owners(chosen, canGoBack),
    );
  }

  async #owners(cluster: ClusterEntry, canGoBack: boolean): Promise<Walked<string>> {
    const name = nameInArn(cluster.name);
    const owners = await this.#load(`Loading services of ${name}…`, (ports) =>
      loadOwners(ports, cluster),
    );
    return this.#choose(`Service in ${name}`, ownerChoices(owners), canGoBack, (owner, isBehind) =>
      this.#tasks(cluster.name, owner, isBehind),
    );
  }

  async #tasks(cluster: string, owner: Owner, canGoBack: boolean): Promise<Walked<string>> {
    const place = placeOf(cluster, owner);
    const tasks = await this.#load(`Loading tasks of ${place}…`, (ports) =>
      loadTasks(ports, cluster, owner),
    );
    const { container } = this.#start;
    const showsOwner = owner.kind === 'all';
    const choices = taskChoices(tasks, { container, showsOwner, now: this.#world.now() });
    return this.#choose(`Task of ${place}`, choices, canGoBack, async (task, isBehind) => {
      this.#assertUsable(taskFailure(task, container, this.#world.flags));
      const chosen = container ?? (await this.#container(task, isBehind));
      if (chosen === BACK) return BACK;
      const name = this.#nameOf(task, tasks, owner, chosen);
      const target = `${nameInArn(task.clusterArn)}/${name}`;
      return chosen === undefined ? target : `${target}@${chosen}`;
    });
  }

  /** The service, where that leads to this task, else the id. */
  #nameOf(task: Task, tasks: readonly Task[], owner: Owner, container?: string): string {
    const isFirst = rankTasks(tasks, container).tasks[0] === task;
    const isTaken = tasks.length === 1 || (isFirst && !this.#start.strict);
    return owner.kind === 'service' && isTaken ? owner.name : shortId(task);
  }

  /** Undefined where a task has only one: it need not be named. */
  async #container(task: Task, canGoBack: boolean): Promise<Walked<string | undefined>> {
    const own = ownContainers(task);
    if (own.length <= 1) return undefined;
    const others = task.containers.filter((container) => !own.includes(container));
    const choices = containerChoices(task, [...own, ...others]);
    const message = `Container of task ${shortId(task)}`;
    return this.#choose(message, choices, canGoBack, async (container) => {
      this.#assertUsable(containerFailure(task, container, this.#world.flags));
      return container.name;
    });
  }

  /** Transient failures are no reason to refuse: a session waits for them or explains them better. */
  #assertUsable(failure: EcshError | undefined): void {
    if (failure !== undefined && !failure.retryable && !this.#start.takesAny) throw failure;
  }

  /** Asks until the next step succeeds, or the user goes back from here too. */
  async #choose<T, R>(
    message: string,
    choices: readonly Choice<T>[],
    canGoBack: boolean,
    next: (value: T, canGoBack: boolean) => Promise<Walked<R>>,
  ): Promise<Walked<R>> {
    const [only] = choices;
    if (only !== undefined && choices.length === 1) return next(only.value, canGoBack);
    for (;;) {
      const answer = await this.#world.prompts.select({ message, choices, canGoBack });
      if (answer.kind === 'cancelled') throw new Cancelled(answer.by);
      if (answer.kind === 'back') return BACK;
      try {
        const result = await next(answer.value, true);
        if (result !== BACK) return result;
      } catch (error) {
        if (!(error instanceof EcshError)) throw error;
        this.#world.onFailure(error);
      }
    }
  }

  async #load<T>(message: string, load: (ports: PickPorts) => Promise<T>): Promise<T> {
    const { prompts, open, flags } = this.#world;
    const work = open().then((ports) => load({ ...ports, flags }));
    const waited = await prompts.waitFor(message, work);
    if (waited.kind === 'cancelled') throw new Cancelled(waited.by);
    return waited.value;
  }
}

function placeOf(cluster: string, owner: Owner): string {
  const name = nameInArn(cluster);
  if (owner.kind === 'all') return name;
  return owner.kind === 'family' ? `${name}/family:${owner.name}` : `${name}/${owner.name}`;
}
