import { beforeEach, describe, expect, it } from 'vitest';
import { createEcs } from '#aws/ecs/ecs.ts';
import { isolateAws, TEST_KEYS } from '#test/aws/environment.ts';
import { startJsonApi } from '#test/aws/fake-api.ts';

const aws = isolateAws();

beforeEach(() => aws.set({ ...TEST_KEYS, AWS_REGION: 'us-east-1' }));

const ARN = 'arn:aws:ecs:us-east-1:123456789012:task/prod/0f9de17a6465404e8b1b2356dc13c2f8';
const TASK = { taskArn: ARN, clusterArn: 'c', lastStatus: 'RUNNING', desiredStatus: 'RUNNING' };

async function describeTasks(task: object) {
  const endpointUrl = await startJsonApi({ tasks: [task] });
  return createEcs({ endpointUrl }).describeTasks('prod', [ARN]);
}

describe('an answer of AWS', () => {
  it.each<readonly [string, object, string]>([
    ['a number for a name', { lastStatus: 7 }, 'tasks[].lastStatus is not a text'],
    ['a string for a list', { containers: 'app' }, 'tasks[].containers is not a list'],
    ['a list of nothing', { tags: [null] }, 'tasks[].tags[] is not an object'],
    ['a string for an object', { overrides: 'none' }, 'tasks[].overrides is not an object'],
    [
      'a string for a flag',
      { enableExecuteCommand: 'yes' },
      'tasks[].enableExecuteCommand is not true or false',
    ],
    ['an invalid time', { createdAt: 1e300 }, 'tasks[].createdAt is not a time'],
  ])('with %s is refused', async (_, part, wrong) => {
    await expect(describeTasks({ ...TASK, ...part })).rejects.toMatchObject({
      code: 'answer-unreadable',
      message: `The answer to DescribeTasks is not one of AWS: ${wrong}.`,
    });
  });

  it('may omit optional fields of a task, and add unknown ones', async () => {
    const tasks = await describeTasks({ ...TASK, containers: null, quality: [null] });
    expect(tasks.map(({ taskArn }) => taskArn)).toEqual([ARN]);
  });
});
