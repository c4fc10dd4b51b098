import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pass, same, skip } from '../check.js';

/** Copies, and a shell on a terminal. */

const ECSH = resolve(import.meta.dirname ?? '.', '../../bin/ecsh.js');
const SHELL_LIMIT_MS = 60_000;
/** A prompt ends so. */
const PROMPT = /[$#>] ?$/;

/** @type {readonly import('../check.js').Check[]} */
export const FILE_CHECKS = [
  {
    id: 'cp',
    title: '200 kB to the container and back',
    questions: [],
    async run({ ecsh, exec, target, folder }) {
      const [there, back] = [join(folder, 'there'), join(folder, 'back')];
      const bytes = randomBytes(200_000);
      writeFileSync(there, bytes);
      const remote = `/tmp/ecsh-acceptance-${randomBytes(4).toString('hex')}`;
      const up = await ecsh(['cp', '-q', there, `${target}:${remote}`]);
      same(up.status, 0, up.stderr);
      const down = await ecsh(['cp', '-q', `${target}:${remote}`, back]);
      await exec(['rm', remote]);
      same([down.status, readFileSync(back).equals(bytes)], [0, true], 'bytes');
      return pass(`${Math.round(up.ms)} ms there, ${Math.round(down.ms)} ms back`);
    },
  },
  {
    id: 'shell',
    title: 'a shell on a terminal, its window and its status',
    questions: [],
    async run({ target }) {
      // util-linux's; the one of macOS takes other words.
      if (spawnSync('script', ['--version']).status !== 0)
        return skip('there is no script(1) of util-linux');
      const { status, output } = await typeInto(target, 'stty size; echo "<$TERM>"; exit 3\n');
      same(status, 3, 'status');
      if (!/\b24 80\b/.test(output)) throw new Error('the window is not 24 rows of 80');
      if (!output.includes('<xterm-256color>')) throw new Error('TERM is not passed on');
      return pass();
    },
  },
];

/**
 * @param {string} target
 * @param {string} text typed once there is a prompt
 * @returns {Promise<{ status: number | null, output: string }>}
 */
function typeInto(target, text) {
  const command = `stty rows 24 cols 80; exec '${process.execPath}' '${ECSH}' shell '${target}'`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm-256color', ECSH_NO_INPUT: '1' },
    timeout: SHELL_LIMIT_MS,
  });
  let output = '';
  let isTyped = false;
  child.stdout.on('data', (chunk) => {
    output += chunk;
    if (isTyped || !PROMPT.test(output)) return;
    isTyped = true;
    child.stdin.write(text);
  });
  return new Promise((done) => {
    child.once('close', (status) => done({ status, output }));
  });
}
