import { expect, it, vi } from 'vitest';
import { fakeAdmin } from '#test/fakes/fake-admin.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const ID = '4'.repeat(32);
const DEFINITION = 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:42';

it('ecsh run stops the task on a signal that comes before the command has a session', async () => {
  const task = sampleTask(ID, { group: 'family:site', containers: [sampleContainer('app')] });
  const ecs = fakeEcs({ clusters: { prod: [task] } });
  const stopped: string[] = [];
  let looks = 0;
  const app = new FakeApp({
    ecs: {
      ...ecs,
      // The second look belongs to the command, and is not answered.
      describeTasks: (...words) =>
        looks++ === 0 ? ecs.describeTasks(...words) : new Promise(() => undefined),
    },
    doctor: fakeDoctor({
      ecs: {
        describeService: async () => ({ serviceName: 'web', taskDefinition: DEFINITION }),
        describeTaskDefinition: async () => ({
          taskDefinitionArn: DEFINITION,
          containerDefinitions: [{ name: 'app' }],
        }),
      },
    }),
    admin: fakeAdmin({
      runTask: async () => ({ tasks: [task], failures: [] }),
      stopTask: async (_cluster, id) => void stopped.push(id),
    }),
  });
  const ended = run(['run', '--force', 'prod/web', '--', 'ls'], app);
  await vi.waitFor(() => expect(looks).toBe(2), { timeout: 20_000 });
  app.signals.send('SIGHUP');
  expect((await ended).status).toBe(129);
  expect(stopped).toEqual([ID]);
});
