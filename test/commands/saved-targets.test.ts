import { describe, expect, it } from 'vitest';
import { FakeTerminal } from '#test/fakes/fake-terminal.ts';
import { ScriptedPrompts } from '#test/fakes/scripted-prompts.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const HOME = { HOME: '/me' };
const PATH = '/me/.config/ecsh/targets.json';
const SAVED = JSON.stringify({
  api: { target: 'prod/web', profile: 'dev', region: 'eu-west-1' },
  worker: { target: 'web@app', cluster: 'prod' },
});

function app(content?: string): FakeApp {
  return new FakeApp({
    env: HOME,
    files: content === undefined ? {} : { [PATH]: content },
    terminal: new FakeTerminal(),
  });
}

describe('ecsh config target', () => {
  it('adds a target with the values of flags, lists it, and removes it', async () => {
    const world = app();
    const flags = ['--profile', 'dev', '--region', 'eu-west-1'];
    expect(await run(['config', 'target', 'add', 'api', 'prod/web', ...flags], world)).toEqual({
      status: 0,
      stdout: '',
      stderr:
        'api is prod/web (profile dev, region eu-west-1) now. To open a shell:  ecsh shell api\n',
    });
    expect(JSON.parse(world.disk.get(PATH) ?? '')).toEqual({
      api: { target: 'prod/web', profile: 'dev', region: 'eu-west-1' },
    });
    const later = app(world.disk.get(PATH));
    expect((await run(['config', 'target', 'list'], later)).stdout).toBe(
      'api  prod/web  (profile dev, region eu-west-1)\n',
    );
    const removing = app(world.disk.get(PATH));
    expect(await run(['config', 'target', 'remove', 'api'], removing)).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect(JSON.parse(removing.disk.get(PATH) ?? '')).toEqual({});
  });

  it.each([
    [['add', 'a/b', 'prod/web'], 'usage'],
    [['add', 'api', 'a/b/c'], 'target-invalid'],
    [['remove', 'ap'], 'usage'],
  ])('rejects %j: %s', async (words, code) => {
    const { status, stderr } = await run(['config', 'target', ...words], app(SAVED));
    expect([status, stderr]).toEqual([2, expect.stringContaining(`[${code}]`)]);
  });
});

describe('a saved target', () => {
  it.each([
    [['exec', 'api', 'ls'], { profile: 'dev', region: 'eu-west-1' }],
    [['api', 'ls'], { profile: 'dev', region: 'eu-west-1' }],
    [['--region', 'us-east-1', 'api', 'ls'], { profile: 'dev', region: 'us-east-1' }],
    [['worker', 'ls'], { profile: undefined }],
  ])('expands to its saved place: ecsh %j', async (words, settings) => {
    const world = app(SAVED);
    world.remote.onOpen = (agent) => setImmediate(() => agent.close('Command not found'));
    await run(words, world);
    expect(world.awsSettings).toMatchObject([settings]);
    expect(world.remote.requests).toMatchObject([{ cluster: 'prod' }]);
  });

  it('is ignored with a cluster or a target kind', async () => {
    for (const words of [
      ['-C', 'prod', 'api', 'ls'],
      ['service:api', 'ls'],
    ]) {
      const world = app(SAVED);
      await run(words, world);
      expect(world.awsSettings).toMatchObject([{ profile: undefined }]);
    }
  });

  it('is listed first if a target is to be chosen', async () => {
    const prompts = new ScriptedPrompts(['api']);
    const world = new FakeApp({
      env: HOME,
      files: { [PATH]: SAVED },
      terminal: new FakeTerminal(),
      prompts,
    });
    world.remote.onOpen = (agent) => setImmediate(() => agent.close('Command not found'));
    await run([], world);
    expect(prompts.asked).toEqual([
      {
        message: 'Saved target',
        lines: [
          'api  prod/web  (profile dev, region eu-west-1)',
          'worker  web@app  (cluster prod)',
          'other  choose from all clusters',
        ],
      },
    ]);
    expect(world.awsSettings).toMatchObject([{ profile: 'dev', region: 'eu-west-1' }]);
  });

  it('is completed', async () => {
    const { stdout } = await run(['__complete', '--', 'exec', 'a'], app(SAVED));
    expect(stdout).toBe('api\tprod/web  (profile dev, region eu-west-1)\n');
  });
});
