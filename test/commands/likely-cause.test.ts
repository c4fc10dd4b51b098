import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { EcsDetailsApi } from '#domain/ports/doctor-ports.ts';
import { FakeRemote, notConnected } from '#test/fakes/fake-remote.ts';
import { doctorOfFewRights } from '#test/fakes/fixture-ports.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const ID = '0f9de17a6465404e8b1b2356dc13c2f8';

function appFailing(failure: EcshError, ecs: Partial<EcsDetailsApi>) {
  const remote = new FakeRemote([sampleTask(ID)]);
  remote.failures.push(failure);
  return new FakeApp({ remote, doctor: doctorOfFewRights(ecs) });
}
const disconnected = () =>
  new EcshError('target-not-connected', 'The agent is not connected.', { hint: 'Usual causes.' });
const exec = (app: FakeApp, ...argv: readonly string[]) =>
  run(['exec', ...argv, 'prod/web', '--', 'true'], app);

const SETUP: Partial<EcsDetailsApi> = {
  describeTaskDefinition: async () => ({
    containerDefinitions: [{ name: 'app', restartPolicy: { enabled: true } }],
    taskRoleArn: 'arn:aws:iam::123456789012:role/web',
  }),
};

describe('a session that fails to start', () => {
  it('reports the likely cause, its fix, and where to find more', async () => {
    const { status, stderr } = await exec(appFailing(disconnected(), SETUP));
    expect(status).toBe(255);
    expect(stderr).toBe(
      [
        'ecsh: The agent is not connected. [target-not-connected]',
        '  Likely cause: app has a restart policy. Once it has been restarted in place, it cannot be entered until the task is replaced.',
        '  Replace the tasks of the service:  ecsh restart prod/web',
        `  More:  ecsh doctor prod/${ID}@app`,
        '',
      ].join('\n'),
    );
  });

  it('keeps its own hint if nothing is suspicious', async () => {
    const { stderr } = await exec(appFailing(disconnected(), {}));
    expect(stderr.split('\n').slice(1, 3)).toEqual([
      '  Usual causes.',
      `  More:  ecsh doctor prod/${ID}@app`,
    ]);
  });

  it('suggests doctor --sessions if open sessions are the cause', async () => {
    const full = new EcshError('session-limit', 'The container has no room for another session.');
    const { stderr } = await exec(appFailing(full, SETUP));
    expect(stderr).toContain(`\n  More:  ecsh doctor --sessions prod/${ID}@app\n`);
  });

  it('reports the cause in JSON too', async () => {
    const { stdout } = await exec(appFailing(disconnected(), SETUP), '--json');
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'target-not-connected',
      hint: expect.stringMatching(/^Likely cause: app has a restart policy/),
    });
  });

  it('is reported after at most a few seconds', async () => {
    const app = appFailing(disconnected(), {
      describeTaskDefinition: () => new Promise(() => undefined),
    });
    const running = exec(app);
    await app.remote.clock.advance(4_000);
    expect((await running).stderr).toContain('  Usual causes.\n  More:');
  });

  it('is reported at once on Ctrl-C, which stops the search', async () => {
    const app = appFailing(disconnected(), {
      describeTaskDefinition: () => new Promise(() => undefined),
    });
    const running = exec(app);
    await app.remote.clock.advance(1_000);
    app.signals.send('SIGINT');
    const { status, stderr } = await running;
    expect(status).toBe(255);
    expect(stderr).toContain('ecsh: The agent is not connected. [target-not-connected]\n');
    expect(app.signals.handled).toEqual([]);
  });

  it('is not diagnosed if it is transient', async () => {
    const app = appFailing(notConnected(), SETUP);
    app.remote.failures.push(...Array.from({ length: 9 }, notConnected));
    const running = exec(app);
    await app.remote.clock.advance(60_000);
    const { stderr } = await running;
    expect(stderr).toBe(
      'Waiting: The agent is not connected.\necsh: The agent is not connected. [target-not-connected]\n',
    );
  });

  it('is not diagnosed if its message names the cause', async () => {
    const failure = new EcshError('command-not-found', 'There is no such program.');
    const { stderr } = await exec(appFailing(failure, SETUP));
    expect(stderr).toBe('ecsh: There is no such program. [command-not-found]\n');
  });

  it.each([
    [['prod/web'], 'prod/web'],
    [['-C', 'prod', '-c', 'app', 'web'], 'web -C prod -c app'],
  ])('is also diagnosed before a session is requested: exec %j', async (words, target) => {
    const stopped = { name: 'ExecuteCommandAgent', lastStatus: 'STOPPED' };
    const containers = [sampleContainer('app', { managedAgents: [stopped] })];
    const app = new FakeApp({
      remote: new FakeRemote([sampleTask(ID, { containers })]),
      doctor: doctorOfFewRights({
        describeTaskDefinition: async () => ({
          containerDefinitions: [{ name: 'app', readonlyRootFilesystem: true }],
        }),
      }),
    });
    const { status, stderr } = await run(['exec', ...words, '--', 'true'], app);
    expect(status).toBe(255);
    expect(stderr).toMatch(
      /\[exec-agent-not-running\]\n {2}Likely cause: app has a read-only root/,
    );
    expect(stderr).toContain(`\n  More:  ecsh doctor ${target}\n`);
  });
});
