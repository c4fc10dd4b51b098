import { expect, it } from 'vitest';
import { connectEcs } from '#aws/ecs/ecs-connection.ts';
import { createTaskProtection } from '#aws/ecs/task-protection.ts';
import { isolateAws, TEST_KEYS } from '#test/aws/environment.ts';
import { type FakeAnswer, startFakeAws } from '#test/fakes/fake-aws.ts';

const aws = isolateAws();
const TASK = 'arn:aws:ecs:us-east-1:123456789012:task/prod/a';
const UNTIL = 1_735_689_600;

async function start(answer: FakeAnswer) {
  aws.set(TEST_KEYS);
  const fake = await startFakeAws(() => answer);
  const connection = connectEcs({ region: 'us-east-1', endpointUrl: fake.url });
  return { fake, protection: createTaskProtection(connection) };
}

const protectedTask = (protectionEnabled: boolean, expirationDate?: number) => ({
  body: { protectedTasks: [{ taskArn: TASK, protectionEnabled, expirationDate }], failures: [] },
});

it('protects a task for some minutes, and returns the expiry', async () => {
  const { fake, protection } = await start(protectedTask(true, UNTIL));
  expect(await protection.protect('prod', 'a', 15)).toEqual(new Date(UNTIL * 1_000));
  expect(await protection.protectedUntil('prod', 'a')).toEqual(new Date(UNTIL * 1_000));
  expect(fake.requests.map(({ operation, input }) => ({ operation, input }))).toEqual([
    {
      operation: 'UpdateTaskProtection',
      input: { cluster: 'prod', tasks: ['a'], protectionEnabled: true, expiresInMinutes: 15 },
    },
    { operation: 'GetTaskProtection', input: { cluster: 'prod', tasks: ['a'] } },
  ]);
});

it('ends the protection, and returns no expiry', async () => {
  const { fake, protection } = await start(protectedTask(false));
  await protection.unprotect('prod', 'a');
  expect(await protection.protectedUntil('prod', 'a')).toBeUndefined();
  expect(fake.requests[0]?.input).toEqual({
    cluster: 'prod',
    tasks: ['a'],
    protectionEnabled: false,
  });
});

it('fails with the reason of a failure in a successful answer', async () => {
  const failures = [{ arn: TASK, reason: 'TASK_NOT_VALID' }];
  const { protection } = await start({ body: { protectedTasks: [], failures } });
  await expect(protection.protect('prod', 'a', 15)).rejects.toMatchObject({
    code: 'protection-refused',
    message: 'ECS does not protect task a from scale-in (TASK_NOT_VALID).',
  });
});
