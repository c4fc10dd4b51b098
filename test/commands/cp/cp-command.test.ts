import { describe, expect, it } from 'vitest';
import { addCpCommand } from '#commands/cp/cp-command.ts';
import type { LocalCopies } from '#copy/local-copies.ts';
import { FakeApp, run } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';

/** The options of `ecsh cp web:/a .`; a new flag with a default adds a line here. */
const DEFAULTS = {
  paths: ['web:/a', '.'],
  color: 'auto',
  wait: 0,
  retries: 0,
  resumeLimit: 60_000,
  share: true,
};

describe('the flags of ecsh cp', () => {
  it.each<readonly [readonly string[], object]>([
    [[], {}],
    [['-r'], { recursive: true }],
    [['--recursive'], { recursive: true }],
    [['-R'], { recursive: true }],
    [['-p'], { preserve: true }],
    [['-a'], { recursive: true, preserve: true }],
    [['-pr'], { recursive: true, preserve: true }],
    [['-u', 'app:app'], { user: 'app:app' }],
    [['--timeout', '5m'], { timeout: 300_000 }],
    [['--json', '-q'], { json: true, quiet: true }],
    [['--wait', '2m', '--retries', '3'], { wait: 120_000, retries: 3 }],
    [['--strict', '--pick'], { strict: true, pick: true }],
    [['-C', 'prod', '-c', 'app'], { cluster: 'prod', container: 'app' }],
  ])('%j', async (flags, expected) => {
    const options = await optionsOf(addCpCommand, ['cp', ...flags, 'web:/a', '.']);
    expect(defined(options)).toEqual({ ...DEFAULTS, ...expected });
  });

  it('can follow the paths, and paths can follow --', async () => {
    const options = await optionsOf(addCpCommand, ['cp', 'web:/a', '-r', '--', '-x']);
    expect(options).toMatchObject({ paths: ['web:/a', '-x'], recursive: true });
  });
});

describe('ecsh cp without a session', () => {
  const never = () => Promise.reject(new Error('nothing is to be touched'));
  const copies: LocalCopies = {
    openSource: never,
    openDestination: async () => ({ writeFile: never, writeTree: never }),
    compress: (content) => content,
    decompress: (content) => content,
  };

  it.each([
    [['a', 'b'], 'Neither side is in a container.'],
    [[':/a', '.'], 'There is no TARGET.'],
    [
      ['--json', 'web:/a', '-'],
      'With the destination "-", stdout is the file: --json cannot use it too.',
    ],
    [['web:/a'], 'A copy needs a source and a destination.'],
  ])('rejects %j', async (words, message) => {
    const app = new FakeApp({ copies });
    const { status, stderr } = await run(['cp', ...words], app);
    expect(status).toBe(255);
    expect(stderr).toContain(`ecsh: ${message} [usage]\n`);
    expect(app.remote.requests).toEqual([]);
  });

  it('refuses to write an archive to a terminal', async () => {
    const app = new FakeApp({ copies });
    Object.assign(app.stdout, { isTTY: true });
    const { status, stderr } = await run(['cp', '-r', 'web:/a', '-'], app);
    expect(status).toBe(255);
    expect(stderr).toContain('which a terminal cannot show');
  });
});
