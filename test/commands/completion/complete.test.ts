import { describe, expect, test } from 'vitest';
import type { AwsPorts } from '#commands/app.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { settle } from '#test/fakes/manual-clock.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const HOME = '/home/me';
const MEMORY = `${HOME}/.cache/ecsh/completion.json`;

function completing(...words: readonly string[]) {
  return ['__complete', '--', ...words];
}

async function valuesFor(app: FakeApp, ...words: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr, status } = await run(completing(...words), app);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const lines = stdout.slice(0, -1).split('\n');
  return stdout === '' ? [] : lines.map((line) => line.split('\t')[0] ?? '');
}

describe('a target', () => {
  test.each<[readonly string[], readonly string[]]>([
    [['exec', ''], ['prod/']],
    [['exec', 'pro'], ['prod/']],
    [['exec', 'x'], []],
    [['exec', 'prod/'], ['prod/web']],
    [['exec', '-C', 'prod', ''], ['web']],
    [['exec', 'prod/service:w'], ['prod/service:web']],
    [['exec', 'prod/0f'], ['prod/0f9de17a6465404e8b1b2356dc13c2f8']],
    [['exec', 'prod/task:0'], ['prod/task:0f9de17a6465404e8b1b2356dc13c2f8']],
    [['exec', 'prod/web@'], ['prod/web@app']],
    [['exec', 'prod/web', '-c', ''], ['app']],
    [['exec', 'arn:aws:ecs:'], []],
    [
      ['ls', ''],
      ['clusters', 'services', 'tasks', 'containers', 'prod/'],
    ],
    [['ls', 'tasks', '-C', 'prod', ''], ['prod/']],
    [['ls', 'tasks', 'prod/w'], ['prod/web']],
    [['ls', '--status', 'r'], ['running']],
    [['sessions', 'p'], ['prod/']],
    [['sessions', '--hi'], ['--history']],
    [['sessions', 'prod/w'], ['prod/web']],
    [['sessions', 'end', 'prod/w'], ['prod/web']],
    [['ls', 'tasks', '--service', ''], []],
    [['ls', 'tasks', '-Cprod', '--service', ''], ['web']],
  ])('ecsh %j', async (words, values) => {
    expect(await valuesFor(new FakeApp(), ...words)).toEqual(values);
  });
});

test.each([
  [
    ['exec', 'prod/web@'],
    ['prod/web@api', 'prod/web@worker'],
  ],
  [
    ['exec', 'prod/web', '-c', ''],
    ['api', 'worker'],
  ],
])('containers are offered if there are several: ecsh %j', async (words, values) => {
  const containers = [sampleContainer('api'), sampleContainer('worker')];
  const remote = new FakeRemote([sampleTask('0f9de17a6465404e8b1b2356dc13c2f8', { containers })]);
  expect(await valuesFor(new FakeApp({ remote }), ...words)).toEqual(values);
});

test.each([
  ['exec', 'prod/web\tservice\n'],
  ['enable', 'prod/web\t\n'],
])(
  'a service is described as one only if a container may follow: ecsh %s',
  async (command, line) => {
    const { stdout } = await run(completing(command, 'prod/w'), new FakeApp());
    expect(stdout).toBe(line);
  },
);

describe('candidates that need no call to AWS', () => {
  test.each<[readonly string[], readonly string[]]>([
    [['policy', 'caller-k'], ['caller-kms']],
    [
      ['config', 'get', 'c'],
      ['cluster', 'container', 'color'],
    ],
    [
      ['config', 'set', 'color', ''],
      ['auto', 'always', 'never'],
    ],
    [
      ['config', 'set', 'quiet', ''],
      ['true', 'false'],
    ],
    [['config', 'set', 'cluster', ''], ['prod']],
    [['config', 'set', 'wait', ''], []],
    [
      ['help', 'e'],
      ['exec', 'enable', 'exit-status', 'environment'],
    ],
    [['help', 'config', 'un'], ['unset']],
  ])('ecsh %j', async (words, values) => {
    expect(await valuesFor(new FakeApp(), ...words)).toEqual(values);
  });
});

test('a broken configuration file is ignored', async () => {
  const files = { [`${HOME}/.config/ecsh/config.json`]: '{' };
  expect(await valuesFor(new FakeApp({ env: { HOME }, files }), 'exec', 'p')).toEqual(['prod/']);
  const { status, stdout } = await run(
    ['completion', 'bash'],
    new FakeApp({ env: { HOME }, files }),
  );
  expect([status, stdout]).toEqual([0, expect.stringContaining('complete -F')]);
});

test('families are completed after family:', async () => {
  const ecs = fakeEcs({ clusters: { prod: [] }, families: ['web', 'worker', 'api'] });
  const values = await valuesFor(new FakeApp({ ecs }), 'exec', 'prod/family:w');
  expect(values).toEqual(['prod/family:web', 'prod/family:worker']);
});

test('the first word completes to both commands and clusters', async () => {
  const values = await valuesFor(new FakeApp(), '');
  expect(values).toEqual(expect.arrayContaining(['exec', 'shell', 'completion', 'prod/']));
  expect(values).not.toContain('__complete');
});

test('profiles are read from both files, and other sections are ignored', async () => {
  const app = new FakeApp({
    env: { HOME },
    files: {
      [`${HOME}/.aws/config`]:
        '[default]\n[profile prod]\nregion = x\n[sso-session corp]\n[services a]',
      [`${HOME}/.aws/credentials`]: '[prod]\n[ci]\n',
    },
  });
  expect(await valuesFor(app, '--profile', '')).toEqual(['ci', 'default', 'prod']);
});

test('the shell completes paths', async () => {
  expect(await valuesFor(new FakeApp(), 'simulate', '--fleet', '')).toEqual([':files']);
});

test('a side of a copy completes to a target and its colon, or to a local path', async () => {
  const values = (typed: string) => valuesFor(new FakeApp(), 'cp', '-r', './a', typed);
  expect(await values('')).toEqual(['prod/', ':files']);
  expect(await values('prod/w')).toEqual(['prod/web:', ':files']);
  expect(await values('prod/service:w')).toEqual(['prod/service:web:']);
  expect(await values('./w')).toEqual([':files']);
  expect(await values('prod/web:/tm')).toEqual([]);
});

describe('cached names', () => {
  test('save a call to AWS for 30 seconds', async () => {
    const remote = new FakeRemote();
    const app = new FakeApp({ env: { HOME }, remote });
    await valuesFor(app, 'exec', 'prod/');
    const again = new FakeApp({ env: { HOME }, files: Object.fromEntries(app.disk) });
    expect(await valuesFor(again, 'exec', 'prod/')).toEqual(['prod/web']);
    expect(again.awsSettings).toEqual([]);
  });

  test('of one profile are not used for another', async () => {
    const app = new FakeApp({ env: { HOME } });
    await valuesFor(app, 'exec', 'prod/');
    const other = new FakeApp({ env: { HOME }, files: Object.fromEntries(app.disk) });
    await valuesFor(other, '--profile', 'ci', 'exec', 'prod/');
    expect(other.awsSettings).toMatchObject([{ profile: 'ci' }]);
  });

  test('are ignored if the cache file is broken', async () => {
    const app = new FakeApp({ env: { HOME }, files: { [MEMORY]: '{"x":' } });
    expect(await valuesFor(app, 'exec', 'prod/')).toEqual(['prod/web']);
  });
});

describe('when AWS does not answer', () => {
  const slow: AwsPorts['ecs'] = () => new Promise(() => undefined);

  async function afterPatience(app: FakeApp, remote: FakeRemote, words: readonly string[]) {
    const running = run(words, app);
    await settle();
    await remote.clock.advance(200);
    return running;
  }

  test('in time, nothing is printed, and a background process continues the call', async () => {
    const remote = new FakeRemote();
    const app = new FakeApp({ env: { HOME }, remote });
    Object.assign(remote.ports, { ecs: slow });
    const { stdout, status } = await afterPatience(app, remote, completing('exec', 'prod/'));
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
    expect(app.background).toEqual([['__complete', '--refresh', '--', 'exec', 'prod/']]);
  });

  test('in time, names of the last hour are used', async () => {
    const remote = new FakeRemote();
    const app = new FakeApp({ env: { HOME }, remote });
    await valuesFor(app, 'exec', 'prod/');
    await remote.clock.advance(31_000);
    Object.assign(remote.ports, { ecs: slow });
    const later = new FakeApp({ env: { HOME }, remote, files: Object.fromEntries(app.disk) });
    const { stdout } = await afterPatience(later, remote, completing('exec', 'prod/'));
    expect(stdout).toBe('prod/web\tservice\n');
  });

  test('but with an error, nothing is printed', async () => {
    const remote = new FakeRemote([sampleTask('0f9de17a6465404e8b1b2356dc13c2f8')]);
    Object.assign(remote.ports, {
      ecs: () => Promise.reject(new EcshError('access-denied', 'no')),
    });
    expect(await valuesFor(new FakeApp({ remote }), 'exec', 'prod/')).toEqual([]);
  });
});

test('a refresh writes the cache and prints nothing', async () => {
  const app = new FakeApp({ env: { HOME } });
  const { stdout } = await run(['__complete', '--refresh', '--', 'exec', 'prod/'], app);
  expect(stdout).toBe('');
  expect(app.disk.get(MEMORY)).toContain('"names":["web"]');
});

test('a shell without a script is rejected, and the message lists those that have one', async () => {
  const { status, stderr } = await run(['completion', 'tcsh']);
  expect(status).toBe(2);
  expect(stderr).toContain('Allowed choices are bash, zsh, fish, powershell.');
});
