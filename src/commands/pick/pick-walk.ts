import { Cancelled } from '#commands/cancelled.ts';
import type { EcshError } from '#domain/errors/errors.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { rankTasks } from '#domain/resolve/candidates.ts';
import type { Task } from '#domain/resolve/task.ts';
import { Arriving, type Load } from './arriving.ts';
import {
  type ClusterEntry,
  clusterChoices,
  containerChoices,
  type Owner,
  type OwnerEntry,
  ownerChoices,
  type SavedEntry,
  savedChoices,
  taskChoices,
} from './choices.ts';
import {
  loadClusters,
  loadOwners,
  loadTasks,
  type PickPorts,
  type TaskPlace,
} from './pick-inventory.ts';
import { BACK, type Picked, type Step, takeStep, type Walked } from './pick-step.ts';
import type { PickWorld } from './pick-world.ts';
import { containerFailure, ownContainers, shortId, taskFailure } from './task-failure.ts';

/** The choices already made; the walk begins with the first open one. */
export interface PickStart {
  /** Name or ARN. */
  readonly cluster?: string | undefined;
  readonly owner?: Owner | undefined;
  readonly container?: string | undefined;
  /** A service does not mean one of its tasks here. */
  readonly strict?: boolean | undefined;
  /** Unreachable tasks are offered too. */
  readonly takesAny?: boolean | undefined;
  /** Offer a key that shows the logs of a service or a task instead. */
  readonly offersLogs?: boolean | undefined;
  /** Offered before the clusters. */
  readonly saved?: readonly SavedEntry[] | undefined;
}

/**
 * Walks from clusters to services, tasks and containers. A list with a single choice is not shown, and
 * going back skips it.
 *
 * @throws Cancelled, or EcshError if there is nothing to choose from
 */
export async function pickTarget(world: PickWorld, start: PickStart): Promise<Picked> {
  const picked = await new Walk(world, start).run(false);
  // The first question offers no way back.
  if (picked === BACK) throw new Cancelled();
  return picked;
}

class Walk {
  readonly #world: PickWorld;
  readonly #start: PickStart;

  constructor(world: PickWorld, start: PickStart) {
    this.#world = world;
    this.#start = start;
  }

  async run(canGoBack: boolean): Promise<Walked> {
    const { cluster, owner, saved = [] } = this.#start;
    if (cluster !== undefined && owner !== undefined) {
      return this.#tasks({ cluster, owner }, canGoBack);
    }
    if (cluster !== undefined) return this.#owners({ name: cluster }, canGoBack);
    return saved.length > 0 ? this.#saved(saved, canGoBack) : this.#clusters(canGoBack);
  }

  /** Asks nothing of AWS. */
  #saved(saved: readonly SavedEntry[], canGoBack: boolean): Promise<Walked> {
    return this.#choose({
      message: 'Saved target',
      items: new Arriving(async () => saved),
      choicesOf: savedChoices,
      canGoBack,
      next: async (name, isBehind) =>
        name === undefined ? this.#clusters(isBehind) : { kind: 'saved', name },
    });
  }

  async #clusters(canGoBack: boolean): Promise<Walked> {
    const { profile, region } = this.#world.flags;
    const ofProfile = profile === undefined ? '' : ` of profile ${profile}`;
    return this.#choose({
      message: `Cluster${region === undefined ? '' : ` in ${region}`}${ofProfile}`,
      items: await this.#load('Loading clusters…', (ports) => loadClusters(ports)),
      choicesOf: clusterChoices,
      canGoBack,
      next: (cluster, isBehind) => this.#owners(cluster, isBehind),
    });
  }

  async #owners(cluster: ClusterEntry, canGoBack: boolean): Promise<Walked> {
    const name = nameInArn(cluster.name);
    return this.#choose({
      message: `Service in ${name}`,
      items: await this.#load<OwnerEntry>(`Loading services of ${name}…`, (ports, show) =>
        loadOwners(ports, cluster, show),
      ),
      choicesOf: ownerChoices,
      canGoBack,
      next: (owner, isBehind) => this.#tasks({ cluster: cluster.name, owner }, isBehind),
      logsOf: (owner) =>
        owner.kind === 'all' ? undefined : placeName({ cluster: cluster.name, owner }),
    });
  }

  async #tasks(place: TaskPlace, canGoBack: boolean): Promise<Walked> {
    const { owner } = place;
    const name = placeName(place);
    const { container } = this.#start;
    const tasks = await this.#load<Task>(`Loading tasks of ${name}…`, (ports, show, abort) =>
      loadTasks(ports, place, show, abort),
    );
    const showsOwner = owner.kind === 'all';
    return this.#choose({
      message: `Task of ${name}`,
      items: tasks,
      choicesOf: (some) => taskChoices(some, { container, showsOwner, now: this.#world.now() }),
      canGoBack,
      next: async (task, isBehind) => {
        this.#assertUsable(taskFailure(task, container, this.#world.flags));
        const pick = (chosen?: string) => this.#picked({ task, tasks, owner }, chosen);
        return container === undefined ? this.#container(task, isBehind, pick) : pick(container);
      },
      logsOf: (task) => `${nameInArn(task.clusterArn)}/${nameInArn(task.taskArn)}`,
    });
  }

  /** A task with a single container needs no name of one. */
  async #container(
    task: Task,
    canGoBack: boolean,
    pick: (chosen?: string) => Picked,
  ): Promise<Walked> {
    const own = ownContainers(task);
    if (own.length <= 1) return pick();
    const others = task.containers.filter((container) => !own.includes(container));
    return this.#choose({
      message: `Container of task ${shortId(task)}`,
      items: new Arriving(async () => [...own, ...others]),
      choicesOf: (containers) => containerChoices(task, containers),
      canGoBack,
      next: async (container) => {
        this.#assertUsable(containerFailure(task, container, this.#world.flags));
        return pick(container.name);
      },
    });
  }

  #picked(chosen: ChosenTask, container: string | undefined): Picked {
    const place = `${nameInArn(chosen.task.clusterArn)}/${this.#nameOf(chosen, container)}`;
    const target = container === undefined ? place : `${place}@${container}`;
    return { kind: 'target', target, flags: this.#world.flags };
  }

  /** The service, if it resolves to this task, otherwise the id. */
  #nameOf({ task, tasks: { items, isWhole }, owner }: ChosenTask, container?: string): string {
    // The newest task may not have been loaded yet.
    if (owner.kind !== 'service' || !isWhole) return shortId(task);
    const isFirst = rankTasks(items, container).tasks[0] === task;
    const isTaken = items.length === 1 || (isFirst && !this.#start.strict);
    return isTaken ? owner.name : shortId(task);
  }

  /** Transient failures are no reason to refuse: a session waits for them or explains them better. */
  #assertUsable(failure: EcshError | undefined): void {
    if (failure !== undefined && !failure.retryable && !this.#start.takesAny) throw failure;
  }

  #choose<Item, T>(step: Step<Item, T>): Promise<Walked> {
    return takeStep(step, {
      world: this.#world,
      offersLogs: this.#start.offersLogs === true,
      leave: (key) => this.#leave(key),
    });
  }

  /** Chooses in another account or region, from its clusters on. */
  async #leave(key: string): Promise<Walked> {
    const world = await this.#world.exits.find((exit) => exit.key === key)?.leave();
    if (world === undefined) return BACK;
    return new Walk(world, { ...this.#start, cluster: undefined, saved: undefined }).run(true);
  }

  /** Waits for the first part of a list. */
  async #load<Item>(
    message: string,
    load: (ports: PickPorts, ...rest: Parameters<Load<Item>>) => Promise<readonly Item[]>,
  ): Promise<Arriving<Item>> {
    const { prompts, open, flags } = this.#world;
    const items = new Arriving<Item>(async (show, abort) =>
      load({ ...(await open()), flags }, show, abort),
    );
    const waited = await prompts.waitFor(message, items.first);
    if (waited.kind === 'cancelled') throw new Cancelled(waited.by);
    return items;
  }
}

interface ChosenTask {
  readonly task: Task;
  readonly tasks: Arriving<Task>;
  readonly owner: Owner;
}

function placeName({ cluster, owner }: TaskPlace): string {
  const name = nameInArn(cluster);
  if (owner.kind === 'all') return name;
  return owner.kind === 'family' ? `${name}/family:${owner.name}` : `${name}/${owner.name}`;
}
