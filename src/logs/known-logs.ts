import type { Clock } from '#domain/ports/system-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Task } from '#domain/resolve/task.ts';
import type { FoundLogs } from './log-sources.ts';
import { groupKey, type LogStream } from './log-streams.ts';

/** How long to keep reading the log of a stopped or missing task (ms): its last lines may still arrive. */
const GONE_MS = 90_000;

/** The tasks and streams found so far. Those of a service change while ecsh follows it. */
export class KnownLogs {
  readonly #clock: Clock;
  /** When each task was last seen alive, by its id. */
  readonly #lastAlive = new Map<string, number>();
  readonly #tasks = new Map<string, Task>();
  readonly #streams = new Map<string, LogStream>();
  readonly #canGrow: boolean;

  constructor(clock: Clock, found: FoundLogs) {
    this.#clock = clock;
    this.#canGrow = found.canGrow;
    this.add(found);
  }

  add({ tasks, streams }: Pick<FoundLogs, 'tasks' | 'streams'>): void {
    const now = this.#clock.now();
    for (const task of tasks) {
      const id = nameInArn(task.taskArn);
      this.#tasks.set(task.taskArn, task);
      if (task.lastStatus !== 'STOPPED' || !this.#lastAlive.has(id)) this.#lastAlive.set(id, now);
    }
    for (const stream of streams) this.#streams.set(`${groupKey(stream)} ${stream.stream}`, stream);
    if (this.#canGrow) this.#forget(now - GONE_MS);
  }

  get tasks(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  get streams(): readonly LogStream[] {
    return [...this.#streams.values()];
  }

  /** No more lines will be written. */
  get hasEnded(): boolean {
    return !this.#canGrow && this.tasks.every(({ lastStatus }) => lastStatus === 'STOPPED');
  }

  #forget(before: number): void {
    const isGone = (id: string) => (this.#lastAlive.get(id) ?? before) < before;
    for (const [key, { task }] of this.#streams) if (isGone(task)) this.#streams.delete(key);
    for (const arn of this.#tasks.keys()) if (isGone(nameInArn(arn))) this.#tasks.delete(arn);
  }
}
