import { describe, expect, it } from 'vitest';
import { addExecCommand } from '#commands/exec/exec-command.ts';
import { FakeApp, run } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';

const HOME = { HOME: '/home/me' };
const PATH = '/home/me/.config/ecsh/config.json';

async function optionsWith(
  file: object,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
) {
  const app = new FakeApp({
    env: { ...HOME, ...env },
    files: { [PATH]: JSON.stringify(file) },
  });
  return defined(await optionsOf(addExecCommand, ['exec', ...flags, 'web', '--', 'ls'], app));
}

describe('the configuration file', () => {
  it.each<readonly [object, object]>([
    [{ cluster: 'prod' }, { cluster: 'prod' }],
    [{ container: 'app' }, { defaultContainer: 'app' }],
    [
      { profile: 'dev', region: 'eu-west-1', endpointUrl: 'http://localhost:1' },
      { profile: 'dev', region: 'eu-west-1', endpointUrl: 'http://localhost:1' },
    ],
    [
      { wait: '1m', retries: 3, resumeLimit: 90, keepalive: '5m' },
      { wait: 60_000, retries: 3, resumeLimit: 90_000, keepalive: 300_000 },
    ],
    [
      { color: 'never', escapeChar: 'none', outputEncoding: 'raw' },
      { color: 'never', escapeChar: 'none', outputEncoding: 'raw' },
    ],
    [
      { quiet: true, verbose: false, strict: true, noInput: true },
      { quiet: true, verbose: false, strict: true, noInput: true },
    ],
  ])('%j sets options without a flag or variable', async (file, expected) => {
    expect(await optionsWith(file)).toMatchObject(expected);
  });

  it('yields to a variable, which yields to a flag', async () => {
    const file = { cluster: 'file', region: 'file', wait: '1s', color: 'never', strict: true };
    const env = { ECSH_CLUSTER: 'variable', ECSH_WAIT: '2s', ECSH_STRICT: '0' };
    expect(await optionsWith(file, ['--wait', '0', '--color', 'auto'], env)).toMatchObject({
      cluster: 'variable',
      region: 'file',
      wait: 0,
      color: 'auto',
      strict: false,
    });
  });

  it.each<readonly [object, Readonly<Record<string, string>>]>([
    [{ region: 'file' }, { AWS_REGION: 'eu-west-1' }],
    [{ region: 'file' }, { AWS_DEFAULT_REGION: 'eu-west-1' }],
    [{ profile: 'file' }, { AWS_PROFILE: 'dev' }],
    [{ profile: 'file' }, { AWS_ACCESS_KEY_ID: 'AKIA' }],
    [{ endpointUrl: 'http://file' }, { AWS_ENDPOINT_URL: 'http://localhost:1' }],
  ])('%j yields to %j, which the SDK reads', async (file, env) => {
    const options = await optionsWith(file, [], env);
    expect(Object.keys(file).filter((key) => key in options)).toEqual([]);
  });
});

describe('an invalid configuration file', () => {
  it.each<readonly [string, string, string]>([
    [
      '{\n  "cluster": "prod",\n}',
      `${PATH} is not JSON: it breaks at line 3, column 1.`,
      'Fix it there, or move the file away.',
    ],
    [
      '[]',
      `${PATH} holds no JSON object.`,
      'It looks like this:  {"cluster": "prod", "wait": "30s"}',
    ],
    [
      '{"clutser": "prod"}',
      `${PATH}: there is no setting "clutser".`,
      'Did you mean cluster?  Remove it:  ecsh config unset clutser',
    ],
    [
      '{"wait": "soon"}',
      `${PATH}: wait cannot be "soon".`,
      'Give a time such as 30s, 5m or 1h:  ecsh config set wait VALUE',
    ],
    [
      '{"color": "sometimes"}',
      `${PATH}: color cannot be "sometimes".`,
      'Give auto, always or never:  ecsh config set color VALUE',
    ],
    [
      '{"strict": "yes"}',
      `${PATH}: strict cannot be "yes".`,
      'Give true or false:  ecsh config set strict VALUE',
    ],
    [
      '{"cluster": null}',
      `${PATH}: cluster cannot be null.`,
      'Give a value:  ecsh config set cluster VALUE',
    ],
  ])('%j is an error', async (text, message, hint) => {
    const app = new FakeApp({ env: HOME, files: { [PATH]: text } });
    expect(await run(['exec', 'web', '--', 'ls'], app)).toEqual({
      status: 255,
      stdout: '',
      stderr: `ecsh: ${message} [config-invalid]\n  ${hint}\n`,
    });
    expect(app.awsSettings).toEqual([]);
  });

  it('lists all settings if none has a similar name', async () => {
    const app = new FakeApp({ env: HOME, files: { [PATH]: '{"json": true}' } });
    const { stderr } = await run(['web'], app);
    expect(stderr).toMatch(/^ {2}Settings: cluster, container, .*, outputEncoding {2}Remove it: /m);
  });

  it('is not read for help', async () => {
    const app = new FakeApp({ env: HOME, files: { [PATH]: 'broken' } });
    expect((await run(['exec', '--help'], app)).status).toBe(0);
  });
});

describe('an invalid variable', () => {
  it.each([
    ['ECSH_COLOR', 'sometimes', 'auto, always or never'],
    ['ECSH_ENDPOINT_URL', 'localhost:80', 'a URL such as http://127.0.0.1:8080'],
    ['AWS_ENDPOINT_URL', 'ftp://localhost', 'a URL such as http://127.0.0.1:8080'],
    ['ECSH_REGION', 'eu west', 'a region such as eu-west-1'],
    ['AWS_REGION', '../x', 'a region such as eu-west-1'],
  ])('is an error: %s=%s', async (name, value, allowed) => {
    expect(await run(['web'], new FakeApp({ env: { [name]: value } }))).toEqual({
      status: 255,
      stdout: '',
      stderr:
        `ecsh: ${name} cannot be "${value}". [variable-invalid]\n` +
        `  Give ${allowed}, or unset it.\n`,
    });
  });
});
