import { Cancelled } from '#commands/cancelled.ts';
import type { Prompts } from '#domain/ports/prompt-ports.ts';
import type { Container, Task } from '#domain/resolve/task.ts';
import { containerChoices } from './choices.ts';
import { shortId } from './task-failure.ts';

/** One of several containers that the user has to decide between. */
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
