import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pass, reasonIn, same, skip } from '../check.js';
import { ECSH } from '../context.js';

/** Copies, and a shell on a terminal. */

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
      try {
        const up = await ecsh(['cp', '-q', there, `${target}:${remote}`]);
        if (up.status !== 0) throw new Error(reasonIn(up.stderr));
        const down = await ecsh(['cp', '-q', `${target}:${remote}`, back]);
        if (down.status !== 0) throw new Error(reasonIn(down.stderr));
        same(readFileSync(back).equals(bytes), true, 'the bytes are the same');
        return pass(`${Math.round(up.ms)} ms there, ${Math.round(down.ms)} ms back`);
      } finally {
        await exec(['rm', '-f', remote], [], { cleansUp: true });
      }
    },
  },
  {
    id: 'shell',
    title: 'a shell on a terminal, its window and its status',
    questions: [],
    async run({ start, target }) {
      // util-linux's; the one of macOS takes other words.
      if (spawnSync('script', ['--version']).status !== 0)
        return skip('there is no script(1) of util-linux');
      const { status, output } = await typeInto(
        start,
        target,
        'stty size; echo "<$TERM>"; exit 3\n',
      );
      same(status, 3, 'status');
      if (!/\b24 80\b/.test(output)) throw new Error('the window is not 24 rows of 80');
      if (!output.includes('<xterm-256color>')) throw new Error('TERM is not passed on');
      return pass();
    },
  },
];

/**
 * @param {import('../context.js').Context['start']} start
 * @param {string} target
 * @param {string} text typed once there is a prompt
 * @returns {Promise<{ status: number | null, output: string }>}
 */
function typeInto(start, target, text) {
  const command = `stty rows 24 cols 80; exec '${process.execPath}' '${ECSH}' shell '${target}'`;
  const child = start('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm-256color', ECSH_NO_INPUT: '1' },
    limitMs: SHELL_LIMIT_MS,
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
