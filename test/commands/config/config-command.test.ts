import { describe, expect, it } from 'vitest';
import { FakeApp, run } from '#test/helpers/app.ts';

const PATH = '/home/me/.config/ecsh/config.json';

function appWith(content?: string, env: Readonly<Record<string, string>> = {}): FakeApp {
  return new FakeApp({
    env: { HOME: '/home/me', ...env },
    files: content === undefined ? {} : { [PATH]: content },
  });
}

const PROD = '{"cluster": "prod", "strict": true}';

describe('ecsh config prints', () => {
  it.each<readonly [readonly string[], string | undefined, number, string]>([
    [['get', 'cluster'], PROD, 0, 'prod\n'],
    [['get', 'cluster', '--json'], PROD, 0, '"prod"\n'],
    [['get', 'wait'], PROD, 1, ''],
    [['get', 'wait'], undefined, 1, ''],
    [['get', 'wait', '--json'], PROD, 1, 'null\n'],
    [['list'], PROD, 0, 'cluster=prod\nstrict=true\n'],
    [['list', '--json'], PROD, 0, '{"cluster":"prod","strict":true}\n'],
    [['list'], undefined, 0, ''],
    [['list', '--json'], undefined, 0, '{}\n'],
    [['path'], undefined, 0, `${PATH}\n`],
    [['path'], 'broken', 0, `${PATH}\n`],
  ])('%j for %s: status %i', async (words, content, status, stdout) => {
    const outcome = await run(['config', ...words], appWith(content));
    expect(outcome).toEqual({ status, stdout, stderr: '' });
  });
});

describe('ecsh config writes', () => {
  it('a new file', async () => {
    const app = appWith();
    expect(await run(['config', 'set', 'wait', '30s'], app)).toEqual({
      status: 0,
      stdout: '',
      stderr: 'Default wait set to 30s (a flag or ECSH_WAIT still wins).\n',
    });
    expect(app.disk.get(PATH)).toBe('{\n  "wait": "30s"\n}\n');
  });

  it('one value, and keeps the others', async () => {
    const app = appWith('{"cluster": "prod", "retries": 3, "strict": false}');
    await run(['config', 'set', 'strict', 'true'], app);
    expect(app.disk.get(PATH)).toBe(
      '{\n  "cluster": "prod",\n  "retries": 3,\n  "strict": true\n}\n',
    );
  });

  it('the file without an unset value, even an unknown one', async () => {
    const app = appWith('{"clutser": "prod", "wait": "30s"}');
    expect(await run(['config', 'unset', 'clutser'], app)).toMatchObject({ status: 0, stderr: '' });
    expect(app.disk.get(PATH)).toBe('{\n  "wait": "30s"\n}\n');
  });

  it('no file if there is nothing to remove', async () => {
    const app = appWith();
    const { status, stderr } = await run(['config', 'unset', 'wait'], app);
    expect([status, stderr, app.disk.size]).toEqual([0, `wait is not set in ${PATH}.\n`, 0]);
  });
});

describe('ecsh config with --json prints the new content of the file', () => {
  it.each<readonly [readonly string[], string]>([
    [['set', 'wait', '30s'], '{"cluster":"prod","strict":true,"wait":"30s"}\n'],
    [['unset', 'strict'], '{"cluster":"prod"}\n'],
    [['unset', 'wait'], '{"cluster":"prod","strict":true}\n'],
  ])('after %j', async (words, stdout) => {
    const outcome = await run(['config', ...words, '--json', '--quiet'], appWith(PROD));
    expect(outcome).toEqual({ status: 0, stdout, stderr: '' });
  });
});

describe('ecsh config rejects', () => {
  it.each<readonly [readonly string[], string]>([
    [
      ['set', 'wait', 'soon'],
      'wait cannot be "soon". [usage]\n  Give a time such as 30s, 5m or 1h.',
    ],
    [['set', 'strict', 'yes'], 'strict cannot be "yes". [usage]\n  Give true or false.'],
    [['set', 'cluster', ''], 'cluster cannot be "". [usage]\n  Give a value.'],
    [
      ['set', 'region-', 'x'],
      'There is no setting "region-" in the file. [usage]\n  Did you mean region?',
    ],
    [
      ['get', 'endpoint-url'],
      'There is no setting "endpoint-url" in the file. [usage]\n  Did you mean endpointUrl?',
    ],
  ])('%j', async (words, message) => {
    const app = appWith();
    expect(await run(['config', ...words], app)).toEqual({
      status: 2,
      stdout: '',
      stderr: `ecsh: ${message}\n`,
    });
    expect(app.disk.size).toBe(0);
  });

  it('a setting that would affect every script', async () => {
    const { status, stderr } = await run(['config', 'set', 'yes', 'true'], appWith());
    expect(status).toBe(2);
    expect(stderr).toMatch(/^ecsh: There is no setting "yes" in the file\. \[usage\]\n/);
  });

  it('a write without a home folder', async () => {
    expect(await run(['config', 'set', 'wait', '1s'], new FakeApp())).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'ecsh: There is no place for a configuration file. [usage]\n' +
        '  Set HOME or XDG_CONFIG_HOME.\n',
    });
  });

  it('a write over a file that it cannot read', async () => {
    const app = appWith('{"cluster": }');
    const { status, stderr } = await run(['config', 'set', 'wait', '1s'], app);
    expect(status).toBe(2);
    expect(stderr).toMatch(/line 1, column 13\. \[config-invalid\]/);
    expect(app.disk.get(PATH)).toBe('{"cluster": }');
  });
});

describe('ecsh config explain', () => {
  const ENVIRONMENT = { ECSH_WAIT: '5m', AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIASECRET' };
  const FILE = '{"wait": "30s", "region": "us-east-1", "profile": "dev", "strict": true}';

  it('prints each value and its source', async () => {
    const { stdout } = await run(['config', 'explain', '-C', 'prod'], appWith(FILE, ENVIRONMENT));
    await expect(stdout).toMatchFileSnapshot('../../golden/config-explain.txt');
  });

  it('prints the same as JSON', async () => {
    const argv = ['config', 'explain', '--json', '--no-input', '-C', 'prod'];
    const { stdout } = await run(argv, appWith(FILE, ENVIRONMENT));
    const settings = JSON.parse(stdout);
    expect(settings).toMatchObject({
      cluster: { value: 'prod', source: { kind: 'flag', name: '--cluster' } },
      noInput: { value: 'true', source: { kind: 'flag', name: '--no-input' } },
      wait: { value: '5m', source: { kind: 'environment', name: 'ECSH_WAIT' } },
      region: { value: 'eu-west-1', source: { kind: 'environment', name: 'AWS_REGION' } },
      profile: { value: null, source: { kind: 'environment', name: 'AWS_ACCESS_KEY_ID' } },
      strict: { value: 'true', source: { kind: 'file', name: PATH } },
      color: { value: 'auto', source: { kind: 'default' } },
      container: { value: null, source: { kind: 'default' } },
    });
    expect(stdout).not.toContain('AKIASECRET');
  });
});
