/** Calls in progress at a time: well below the rates at which ECS begins to throttle reads. */
const LIMIT = 8;

/** The answers for `items` in batches of at most `size`, in order, several batches at a time. */
export async function inBatches<Item, Answer>(
  items: readonly Item[],
  size: number,
  fetch: (batch: readonly Item[]) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => index * size);
  const answers: Answer[] = [];
  const queue = starts.entries();
  const worker = async () => {
    for (const [index, start] of queue) {
      answers[index] = await fetch(items.slice(start, start + size));
    }
  };
  await Promise.all(Array.from({ length: Math.min(LIMIT, starts.length) }, worker));
  return answers;
}
