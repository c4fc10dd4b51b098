import { describe, expect, it } from 'vitest';
import { recallTarget } from '#commands/last-target.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { FakeTerminal } from '#test/fakes/fake-terminal.ts';
import { FakeApp, type FakeAppOptions, run } from '#test/helpers/app.ts';
import { defined } from '#test/helpers/command-options.ts';
import { Reporter } from '#ui/reporter.ts';

const PATH = '/home/me/.local/state/ecsh/last.json';
const LAST = JSON.stringify({
  target: 'web',
  container: 'app',
  cluster: 'prod',
  profile: 'dev',
  region: 'eu-west-1',
});

/** An app whose shell exits at once. */
function shellApp({ env = {}, ...options }: FakeAppOptions = {}): FakeApp {
  const remote = new FakeRemote();
  remote.onOpen = (agent) =>
    setImmediate(() => {
      remote.reportStatus(0);
      agent.close();
    });
  const home = { HOME: '/home/me', ...env };
  return new FakeApp({ remote, terminal: new FakeTerminal(), ...options, env: home });
}

function remembered(app: FakeApp): unknown {
  return JSON.parse(app.disk.get(PATH) ?? 'null');
}

describe('the last target is remembered', () => {
  it.each<readonly [readonly string[], Readonly<Record<string, string>>, object]>([
    [['prod/web'], {}, { target: 'prod/web', cluster: 'prod' }],
    [['prod/web@app'], {}, { target: 'prod/web', cluster: 'prod', container: 'app' }],
    [
      ['web', '-C', 'prod', '-c', 'app', '--profile', 'dev', '--region', 'eu-west-1'],
      { AWS_PROFILE: 'other', AWS_REGION: 'us-east-1' },
      { target: 'web', cluster: 'prod', container: 'app', profile: 'dev', region: 'eu-west-1' },
    ],
    [
      ['web'],
      { ECSH_CLUSTER: 'prod', ECSH_CONTAINER: 'app', AWS_PROFILE: 'dev', AWS_REGION: 'eu-west-1' },
      { target: 'web', cluster: 'prod', container: 'app', profile: 'dev', region: 'eu-west-1' },
    ],
    [
      ['prod/web'],
      { AWS_ENDPOINT_URL: 'http://localhost:1' },
      { target: 'prod/web', cluster: 'prod', endpointUrl: 'http://localhost:1' },
    ],
  ])('%j with %j', async (argv, env, expected) => {
    const app = shellApp({ env });
    expect((await run(argv, app)).status).toBe(0);
    expect(remembered(app)).toEqual(expected);
  });

  it('but not before a session is open', async () => {
    const app = shellApp({ remote: new FakeRemote([]) });
    expect((await run(['prod/web'], app)).status).toBe(255);
    expect(app.disk.size).toBe(0);
  });

  it('and a failure to save it is ignored, because the session matters more', async () => {
    const app = shellApp();
    app.files.write = () => Promise.reject(new EcshError('file-unwritable', 'Full.'));
    expect(await run(['prod/web'], app)).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('-', () => {
  it('opens the target of the last session', async () => {
    const app = shellApp({ files: { [PATH]: LAST } });
    const { status, stderr } = await run(['-'], app);
    expect([status, stderr]).toEqual([0, 'The last target: prod/web@app.\n']);
    expect(app.awsSettings).toMatchObject([{ profile: 'dev', region: 'eu-west-1' }]);
    expect(remembered(app)).toEqual(JSON.parse(LAST));
  });

  it('names the endpoint if the environment does not set it', async () => {
    const last = JSON.stringify({
      target: 'web',
      cluster: 'prod',
      endpointUrl: 'http://127.0.0.1:1',
    });
    const app = shellApp({ files: { [PATH]: last } });
    expect((await run(['-'], app)).stderr).toBe(
      'The last target: prod/web, at http://127.0.0.1:1.\n',
    );
  });

  const PLACE = { target: 'web', cluster: 'prod', profile: 'dev', region: 'eu-west-1' };

  it.each<readonly [string, Partial<SharedOptions>, object]>([
    [
      'with its saved place, before environment and file',
      { cluster: 'x', profile: 'x', region: 'x', defaultContainer: 'x' },
      { ...PLACE, container: 'app' },
    ],
    [
      'but with flags first',
      { profile: 'admin', given: { profile: 'admin' }, container: 'side' },
      { ...PLACE, profile: 'admin', container: 'side' },
    ],
  ])('resolves %s', async (_, options, expected) => {
    const app = shellApp({ files: { [PATH]: LAST } });
    const { stderr, env } = app;
    const reporter = new Reporter({
      stderr,
      env,
      color: 'never',
      isQuiet: true,
      isVerbose: false,
      debugStream: undefined,
      now: () => 0,
      startedAt: 0,
    });
    const recalled = await recallTarget(app, reporter, { color: 'auto', ...options, target: '-' });
    const { color: _color, ...place } = defined(recalled);
    expect(place).toEqual(expected);
  });

  it.each([
    ['nothing', {}],
    ['a broken file', { [PATH]: '{"target": ' }],
    ['an invalid file', { [PATH]: '{"target": 1}' }],
  ])('fails if it finds %s', async (_, files) => {
    expect(await run(['-'], shellApp({ files }))).toEqual({
      status: 255,
      stdout: '',
      stderr:
        'ecsh: There is no last target yet. [last-target-missing]\n' +
        '  It is the one that a session was last opened to. Name one:  ecsh prod/web\n',
    });
  });
});
