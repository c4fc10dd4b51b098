import { randomBytes } from 'node:crypto';
import { codeIn, pass, reasonIn, same, seen } from '../check.js';

/** Commands without a terminal: status, streams, stdin, limits. */

/** @typedef {import('../context.js').Finished} Finished */

const STATUSES = [
  ['true', [['true'], 0]],
  ['exit 7', [['sh', '-c', 'exit 7'], 7]],
  ['exit 255', [['sh', '-c', 'exit 255'], 255]],
  ['not found', [['no-such-program-of-ecsh'], 127]],
  ['not executable', [['/etc/passwd'], 126]],
  ['killed', [['sh', '-c', 'kill -9 $$'], 137]],
];

/** Bytes of the last argument. With the envelope before it, the longest is close to the 32 KiB that ecsh allows. */
const LENGTHS = [4_000, 16_000, 25_000];

/** @type {readonly import('../check.js').Check[]} */
export const COMMAND_CHECKS = [
  {
    id: 'command',
    title: 'one command runs; otherwise no other check can say anything',
    questions: [],
    async run({ exec }) {
      const { status, stderr } = await exec(['true']);
      if (status !== 0) throw new Error(reasonIn(stderr));
      return pass();
    },
  },
  {
    id: 'session-id',
    title: 'ids of sessions begin with ecs-execute-command-',
    questions: ['U-1'],
    async run({ ecsh, target }) {
      const { status, stdout, stderr } = await ecsh(['exec', '--json', target, '--', 'true']);
      if (status !== 0) throw new Error(reasonIn(stderr));
      const { sessionId } = JSON.parse(stdout.toString());
      return seen(String(sessionId).replace(/[a-z0-9]{8,}$/, '…'));
    },
  },
  {
    id: 'status',
    title: 'statuses: 0, 7, 255, 127, 126, 137',
    questions: [],
    async run({ exec }) {
      for (const [name, [argv, wanted]] of /** @type {[string, [string[], number]][]} */ (
        STATUSES
      )) {
        same((await exec(argv)).status, wanted, name);
      }
      return pass();
    },
  },
  {
    id: 'streams',
    title: 'stdout and stderr apart, to the last byte',
    questions: [],
    async run({ exec }) {
      const script = "printf 'out äöü 漢字'; printf 'err\\n' >&2; printf '\\377'";
      const { status, stdout, stderr } = await exec(
        ['sh', '-c', script],
        ['--output-encoding', 'base64'],
      );
      same(
        [status, stdout.toString('latin1'), stderr],
        [0, `${Buffer.from('out äöü 漢字').toString('latin1')}ÿ`, 'err\n'],
        'streams',
      );
      return pass();
    },
  },
  {
    id: 'stdin',
    title: '300 kB of random bytes there and back',
    questions: [],
    async run({ exec }) {
      const input = randomBytes(300_000);
      const { status, stdout, ms } = await exec(['cat'], ['-i'], { input });
      same([status, input.equals(stdout)], [0, true], 'bytes');
      return pass(`${Math.round(ms)} ms`);
    },
  },
  {
    id: 'output',
    title: 'ten thousand lines, raw and base64',
    questions: [],
    async run({ exec }) {
      const script = 'i=0; while [ $i -lt 10000 ]; do i=$((i+1)); echo $i; done';
      const wanted = Array.from({ length: 10_000 }, (_, at) => `${at + 1}\n`).join('');
      for (const encoding of ['raw', 'base64']) {
        const { status, stdout } = await exec(
          ['sh', '-c', script],
          ['--output-encoding', encoding],
        );
        same([status, stdout.toString() === wanted], [0, true], encoding);
      }
      return pass();
    },
  },
  {
    id: 'first-output',
    title: 'time to the first output',
    questions: [],
    async run({ exec }) {
      const times = [];
      for (let round = 0; round < 5; round++) {
        const startedAt = performance.now();
        /** @type {number | undefined} */
        let first;
        const { status, stderr } = await exec(['echo', 'hi'], [], {
          onOutput: () => (first ??= performance.now() - startedAt),
        });
        if (first === undefined) throw new Error(`status ${status}: ${reasonIn(stderr)}`);
        times.push(Math.round(first));
      }
      const [, , median] = times.sort((a, b) => a - b);
      return seen(`median ${median} ms of ${times.join(', ')}`);
    },
  },
  {
    id: 'time-limit',
    title: '--timeout ends the command with 124',
    questions: [],
    async run({ exec }) {
      const { status } = await exec(['sleep', '60'], ['--timeout', '3s']);
      same(status, 124, 'status');
      return pass();
    },
  },
  {
    id: 'command-length',
    title: 'how long a command ECS takes',
    questions: ['U-3'],
    async run({ exec }) {
      const taken = [];
      for (const length of LENGTHS) {
        const { status, stdout, stderr } = await exec([
          'sh',
          '-c',
          'printf %s "$1" | wc -c',
          'sh',
          'x'.repeat(length),
        ]);
        if (status !== 0) {
          const refusal = `${length} refused: ${reasonIn(stderr)}`;
          const isOurs = codeIn(stderr) === 'command-too-long';
          if (taken.length === 0 || isOurs) throw new Error(refusal);
          return seen(`${taken.join(', ')} bytes; ${refusal}`);
        }
        same(Number(stdout.toString()), length, 'length');
        taken.push(length);
      }
      return seen(`${taken.join(', ')} bytes`);
    },
  },
  {
    id: 'braces',
    title: 'what becomes of {{ … }} in a command',
    questions: ['U-4'],
    async run({ exec }) {
      const text = '{{ssm:ecsh-acceptance}} {{ x }}';
      const { status, stdout, stderr } = await exec(['printf', '%s', text]);
      if (status !== 0) {
        same((await exec(['printf', '%s', 'plain'])).status, 0, 'status without braces');
        return seen(`status ${status}: ${reasonIn(stderr)}`);
      }
      return seen(stdout.toString() === text ? 'passes unchanged' : `becomes ${stdout}`);
    },
  },
  {
    id: 'several',
    title: 'three sessions in one container at once',
    questions: ['U-5'],
    async run({ exec }) {
      const runs = await Promise.all(
        [1, 2, 3].map((n) => exec(['sh', '-c', `sleep 3; echo ${n}`], ['--timeout', '60s'])),
      );
      const failed = runs.filter(({ status }) => status !== 0);
      const reasons = [...new Set(failed.map(({ stderr }) => reasonIn(stderr)))];
      if (failed.length === runs.length) throw new Error(reasons.join('; '));
      const statuses = `statuses ${runs.map(({ status }) => status).join(', ')}`;
      return seen([statuses, ...reasons].join('; '));
    },
  },
];
