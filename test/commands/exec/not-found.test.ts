import { describe, expect, it } from 'vitest';
import { addExecCommand } from '#commands/exec/exec-command.ts';
import type { ExecCommandOptions } from '#commands/exec/exec-options.ts';
import { shellHint } from '#commands/exec/not-found.ts';
import { optionsOf } from '#test/helpers/command-options.ts';

async function hintFor(argv: readonly string[], status = 127) {
  const { target = '', ...options } = await optionsOf<ExecCommandOptions>(addExecCommand, [
    'exec',
    ...argv,
  ]);
  return shellHint({ ...options, target }, status);
}

describe('a command that was not found', () => {
  it.each<readonly [readonly string[], string]>([
    [
      ['demo/web', '--', 'ls -la'],
      `There is no shell in between, and "ls -la" is one word. To use one:  ecsh exec --sh 'ls -la' demo/web`,
    ],
    [
      ['-C', 'demo', '-c', 'app', '--profile', 'dev', 'web', '--', 'cd', '/my dir'],
      `There is no shell in between, and cd is a shell command. To use one:  ecsh exec --sh 'cd '\\''/my dir'\\''' -c app demo/web --profile dev`,
    ],
  ])('%j', async (argv, expected) => {
    expect(await hintFor(argv)).toBe(expected);
  });

  it('is to be typed with the command that ran it', async () => {
    const options = await optionsOf<ExecCommandOptions>(addExecCommand, ['exec', '--', 'ls -la']);
    const typed = { command: 'run', place: ['demo/web'] };
    expect(shellHint({ ...options, target: 'demo/0f9de17a@app', typed }, 127)).toBe(
      `There is no shell in between, and "ls -la" is one word. To use one:  ecsh run --sh 'ls -la' demo/web`,
    );
  });

  it.each<[readonly string[], number?]>([
    [['demo/web', '--', 'nosuch']],
    [['demo/web', '--', 'sh', '-c', 'cd nosuch && ls']],
    [['--sh', 'nosuch', 'demo/web']],
    [['demo/web', '--', 'my program'], 1],
  ])('needs no hint: %j', async (argv = [], status = 127) => {
    expect(await hintFor(argv, status)).toBeUndefined();
  });
});
