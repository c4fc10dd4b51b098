import { describe, expect, it } from 'vitest';
import { TaskDescriptions } from '#aws/ecs/task-descriptions.ts';

/** Returns the names of the batch, and records the requests. */
function recorder() {
  const asked: (readonly string[])[] = [];
  const answer = async (batch: readonly string[]) => {
    asked.push(batch);
    return { tasks: batch.map((taskArn) => ({ taskArn })) };
  };
  return { asked, answer };
}

type Answers = Awaited<ReturnType<TaskDescriptions['answers']>>;

function names(answers: Answers) {
  return answers.flatMap(({ tasks = [] }) => tasks.map(({ taskArn }) => taskArn));
}

describe('descriptions that start while tasks are listed', () => {
  it('are used, and only the rest is requested', async () => {
    const descriptions = new TaskDescriptions();
    const { asked, answer } = recorder();
    descriptions.begin('prod false', ['a', 'b'], answer);
    descriptions.begin('prod false', ['c'], answer);
    const answers = await descriptions.answers('prod false', ['a', 'b', 'c', 'd'], answer);
    expect(names(answers)).toEqual(['a', 'b', 'c', 'd']);
    expect(asked).toEqual([['a', 'b'], ['c'], ['d']]);
  });

  it('are not used for other fields, for part of a page, or twice', async () => {
    const descriptions = new TaskDescriptions();
    const { asked, answer } = recorder();
    descriptions.begin('prod false', ['a', 'b'], answer);
    expect(names(await descriptions.answers('prod true', ['a', 'b'], answer))).toEqual(['a', 'b']);
    expect(names(await descriptions.answers('prod false', ['a'], answer))).toEqual(['a']);
    expect(names(await descriptions.answers('prod false', ['a', 'b'], answer))).toEqual(['a', 'b']);
    expect(asked).toEqual([['a', 'b'], ['a', 'b'], ['a'], ['a', 'b']]);
  });

  it('fail for the caller that needs them', async () => {
    const descriptions = new TaskDescriptions();
    const failing = () => Promise.reject(new Error('no'));
    descriptions.begin('prod false', ['a'], failing);
    await expect(descriptions.answers('prod false', ['a'], failing)).rejects.toThrow('no');
  });
});
