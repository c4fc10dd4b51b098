import { describe, expect, it } from 'vitest';
import type { SharedOptions } from '#commands/shared-options.ts';
import { promptsOf } from '#commands/shared-options.ts';
import { addShellCommand } from '#commands/shell/shell-command.ts';
import { targetRequest } from '#commands/target-request.ts';
import type { Prompts } from '#domain/ports/prompt-ports.ts';
import { ScriptedPrompts } from '#test/fakes/scripted-prompts.ts';
import { FakeApp } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';

const DEFAULTS = {
  target: 'prod/web',
  color: 'auto',
  wait: 0,
  retries: 0,
  resumeLimit: 60_000,
  escapeChar: '~',
  env: [],
};

async function shared(flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return defined(await optionsOf(addShellCommand, ['shell', ...flags, 'prod/web'], env));
}

describe('flags of all commands', () => {
  it.each<readonly [readonly string[], object]>([
    [[], {}],
    [['-C', 'prod'], { cluster: 'prod' }],
    [['--cluster=prod', '-c', 'app'], { cluster: 'prod', container: 'app' }],
    [['--profile', 'dev', '--region', 'eu-west-1'], { profile: 'dev', region: 'eu-west-1' }],
    [['--endpoint-url', 'http://localhost:1'], { endpointUrl: 'http://localhost:1' }],
    [['-q'], { quiet: true }],
    [['-v'], { verbose: true }],
    [['--debug'], { debug: true }],
    [['--debug=log'], { debug: 'log' }],
    [['--json'], { json: true }],
    [['--no-input'], { noInput: true }],
    [['-y'], { yes: true }],
    [['--strict'], { strict: true }],
    [['--pick'], { pick: true }],
    [['--color', 'never'], { color: 'never' }],
    [['--no-color'], { color: 'never' }],
  ])('%j', async (flags, expected) => {
    expect(await shared(flags)).toEqual({ ...DEFAULTS, ...expected });
  });

  it('can also precede the name of the command', async () => {
    const options = await optionsOf(addShellCommand, ['-C', 'prod', '-v', 'shell', 'web']);
    expect(defined(options)).toEqual({
      ...DEFAULTS,
      target: 'web',
      cluster: 'prod',
      verbose: true,
    });
  });
});

describe('the environment', () => {
  it.each<readonly [Readonly<Record<string, string>>, object]>([
    [{ ECSH_CLUSTER: 'prod' }, { cluster: 'prod' }],
    [{ ECSH_CONTAINER: 'app' }, { defaultContainer: 'app' }],
    [{ ECSH_PROFILE: 'dev' }, { profile: 'dev' }],
    [{ ECSH_REGION: 'eu-west-1' }, { region: 'eu-west-1' }],
    [{ ECSH_ENDPOINT_URL: 'http://localhost:1' }, { endpointUrl: 'http://localhost:1' }],
    [{ ECSH_QUIET: '1' }, { quiet: true }],
    [{ ECSH_QUIET: '0' }, { quiet: false }],
    [{ ECSH_VERBOSE: 'yes' }, { verbose: true }],
    [{ ECSH_DEBUG: '1' }, { debug: true }],
    [{ ECSH_DEBUG: '0' }, {}],
    [{ ECSH_DEBUG: '/tmp/log' }, { debug: '/tmp/log' }],
    [{ ECSH_JSON: '1' }, { json: true }],
    [{ ECSH_NO_INPUT: '1' }, { noInput: true }],
    [{ ECSH_NO_INPUT: '0' }, {}],
    [{ ECSH_YES: '1' }, { yes: true }],
    [{ ECSH_STRICT: '1' }, { strict: true }],
    [{ ECSH_COLOR: 'always' }, { color: 'always' }],
    [{ ECSH_QUIET: 'false' }, { quiet: false }],
    [
      { ECSH_WAIT: '5m', ECSH_RETRIES: '3' },
      { wait: 300_000, retries: 3 },
    ],
    [{ ECSH_ESCAPE_CHAR: 'none' }, { escapeChar: 'none' }],
    [{ ECSH_CLUSTER: '', ECSH_QUIET: '', ECSH_DEBUG: '', ECSH_COLOR: '' }, {}],
  ])('%j sets options without a flag', async (env, expected) => {
    expect(await shared([], env)).toEqual({ ...DEFAULTS, ...expected });
  });

  it.each<readonly [readonly string[], Readonly<Record<string, string>>, object]>([
    [['-C', 'flag'], { ECSH_CLUSTER: 'environment' }, { cluster: 'flag' }],
    [['--profile', 'flag'], { ECSH_PROFILE: 'environment' }, { profile: 'flag' }],
    [['--region', 'flag'], { ECSH_REGION: 'environment' }, { region: 'flag' }],
    [['-q'], { ECSH_QUIET: '0' }, { quiet: true }],
    [['--no-input'], { ECSH_NO_INPUT: '0' }, { noInput: true }],
    [['--debug'], { ECSH_DEBUG: 'environment' }, { debug: true }],
    [['--debug=flag'], { ECSH_DEBUG: 'environment' }, { debug: 'flag' }],
    [['--color', 'never'], { ECSH_COLOR: 'always' }, { color: 'never' }],
    [['--color', 'auto'], { ECSH_COLOR: 'always' }, { color: 'auto' }],
  ])('yields to %j', async (flags, env, expected) => {
    expect(await shared(flags, env)).toEqual({ ...DEFAULTS, ...expected });
  });
});

describe('the container of ECSH_CONTAINER', () => {
  const options: SharedOptions = { color: 'auto', defaultContainer: 'usual' };

  it.each<readonly [string, SharedOptions, string | undefined]>([
    ['prod/web', options, 'usual'],
    ['prod/web@app', options, undefined],
    ['prod/web', { ...options, container: 'flag' }, 'flag'],
    ['prod/web@app', { ...options, container: 'flag' }, 'flag'],
  ])('yields to a container in %s and to the flag', (target, given, container) => {
    expect(targetRequest(given, target).container).toBe(container);
  });
});

describe('the prompts', () => {
  const prompts = new ScriptedPrompts();

  it.each<readonly [string, FakeApp, SharedOptions, Prompts | undefined]>([
    ['are available at a terminal', new FakeApp({ prompts }), { color: 'auto' }, prompts],
    ['are not available without one', new FakeApp(), { color: 'auto' }, undefined],
    [
      'are not available with --no-input',
      new FakeApp({ prompts }),
      { color: 'auto', noInput: true },
      undefined,
    ],
  ])('%s', (_, app, options, expected) => {
    expect(promptsOf(app, options)).toBe(expected);
  });
});
