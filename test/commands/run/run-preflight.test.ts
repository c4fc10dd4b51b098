import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const DEFINITION = 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:42';
const ROLE = 'arn:aws:iam::123456789012:role/site';

/** A cluster with service web, whose RunTask always fails. */
function cloud(definition: TaskDefinitionDetails) {
  const denied = () => Promise.reject(new EcshError('access-denied', 'No.'));
  return new FakeApp({
    doctor: fakeDoctor({
      ecs: {
        describeService: async () => ({
          serviceName: 'web',
          taskDefinition: DEFINITION,
          launchType: 'FARGATE',
        }),
        describeTaskDefinition: async () => ({
          taskDefinitionArn: DEFINITION,
          family: 'site',
          containerDefinitions: [{ name: 'app', image: 'example.invalid/app:1' }],
          ...definition,
        }),
        describeCluster: async () => undefined,
      },
      iam: { getRole: denied, simulate: denied },
      sts: { getCallerIdentity: denied },
    }),
    admin: () => Promise.reject(new EcshError('access-denied', 'Here it would be started.')),
  });
}

const WORDS = ['run', 'prod/web', '--', 'true'];

describe('ecsh run before it starts a task', () => {
  it('fails if exec could not work in the task, and names the fix and alternatives', async () => {
    const { status, stdout, stderr } = await run(WORDS, cloud({}));
    expect([status, stdout]).toEqual([255, '']);
    expect(stderr).toMatch(
      /^ecsh: The command could not run in the new task: The task definition has no task role, so the exec agent has no credentials\. The execution role does not count\. \[preflight-failed\]\n/,
    );
    expect(stderr).toContain('--force');
    expect(stderr).toContain('ecsh run --no-shell');
  });

  it.each([
    ['nothing prevents it, as far as the caller can see', WORDS, { taskRoleArn: ROLE }],
    ['--force is set', ['run', '--force', ...WORDS.slice(1)], {}],
    ['the command is the program of the container', ['run', '--no-shell', ...WORDS.slice(1)], {}],
    ['a detached command needs no session', ['run', '--detach', ...WORDS.slice(1)], {}],
  ])('continues if %s', async (_, words, definition) => {
    const { status, stderr } = await run(words, cloud(definition));
    expect([status, stderr]).toEqual([255, 'ecsh: Here it would be started. [access-denied]\n']);
  });
});
