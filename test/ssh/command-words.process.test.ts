import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandWords } from '#ssh/command-words.ts';
import { COMMON_SHELLS, imageEnvironment, SHELLS } from '#test/helpers/shells.ts';

describe('the words of a command line', () => {
  it('are a shell and the line', () => {
    expect(commandWords('echo ü')).toEqual(['sh', '-c', 'echo ü']);
  });

  it.each(COMMON_SHELLS)('preserve the bytes of a line that is not UTF-8 in %s', (shell) => {
    const line = Buffer.concat([
      Buffer.from("printf %s '"),
      Buffer.from([0xe9, 0xff, 0x5c, 0x30]),
      Buffer.from("'\nexit 7\n"),
    ]);
    const [program, ...flags] = SHELLS[shell];
    const { status, stdout } = spawnSync(program, [...flags, ...commandWords(line).slice(1)], {
      env: imageEnvironment(shell, []),
    });
    expect([status, stdout.toString('hex')]).toEqual([7, 'e9ff5c30']);
  });
});
