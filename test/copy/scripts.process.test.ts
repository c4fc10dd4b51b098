import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasShell } from '#test/helpers/e2e.ts';
import { isInstalled } from '#test/helpers/program.ts';
import { SHELL_NAMES } from '#test/helpers/shells.ts';
import { oneLine } from '../../build/shell-script.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../src/copy/${name}.sh`, import.meta.url), 'utf8');

const SCRIPTS: readonly (readonly [string, readonly string[]])[] = [
  ['get', ['common', 'get']],
  ['put-file', ['common', 'put-common', 'put-file']],
  ['put-tree', ['common', 'put-common', 'put-tree']],
];

describe.each(SCRIPTS)('the script %s of cp', (_name, parts) => {
  const text = parts.map(read).join('');

  it.skipIf(!isInstalled('shellcheck', '--version'))('passes shellcheck', () => {
    const { stdout } = spawnSync('shellcheck', ['-s', 'sh', '-'], {
      input: text,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  });

  it.each(SHELL_NAMES.filter((shell) => hasShell[shell]))(
    'parses in %s, also as one line',
    (shell) => {
      const words = shell === 'busybox' ? ['busybox', 'sh'] : [shell];
      for (const script of [text, parts.map((part) => oneLine(read(part))).join('; ')]) {
        const [program = '', ...args] = [...words, '-n', '-c', script];
        expect(spawnSync(program, args, { encoding: 'utf8' })).toMatchObject({
          status: 0,
          stderr: '',
        });
      }
    },
  );
});
