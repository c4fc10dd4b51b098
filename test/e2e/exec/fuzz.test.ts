import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quoteCommand } from '#envelope/command-line.ts';
import { splitShellWords } from '#simulator/container/shell-words.ts';
import { hasShell, Lab } from '#test/helpers/e2e.ts';
import { Random } from '#test/helpers/random.ts';
import { SHELL_NAMES } from '#test/helpers/shells.ts';

/** `ECSH_FUZZ=10` runs ten times as many sessions. */
const SCALE = Number(process.env.ECSH_FUZZ ?? '1');
const VECTORS = 2_000;
const VECTOR_SESSIONS = 12 * SCALE;
const PAIRS = 20 * SCALE;
const AT_ONCE = 4;

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
});

afterAll(() => lab.stop());

const PIECES = [
  ...['', ' ', "'", '"', '`', '$', '$HOME', '$(id)', '\\', '\\n', '\n', '\t', '\r', '#', '!', '~'],
  ...['*', '?', '[a]', '{', '{{', '}}', '{{ x }}', '-n', '--', '-', '=', ';', '&', '|', '<', '>'],
  ...['\u0001', '\u007f', '\ufffd', 'é', '€', '😀', '\u00ff\u00fe', '%s', '%', 'a', 'B', '0', '/'],
];

function randomVector(random: Random): readonly string[] {
  return Array.from({ length: 1 + random.below(6) }, () =>
    Array.from({ length: random.below(5) }, () => random.pick(PIECES)).join(''),
  );
}

const PRINT = ['printf', '%s\\0'] as const;

describe('random argument vectors arrive unchanged', () => {
  it(`${VECTORS} of them through our quoting, the agent's word splitting and exec`, () => {
    const random = new Random(6);
    for (let count = 0; count < VECTORS; count++) {
      const vector = randomVector(random);
      const words = splitShellWords(quoteCommand([...PRINT, ...vector]));
      expect(words).toEqual([...PRINT, ...vector]);
      if (count % 20 > 0) continue;
      const [file = '', ...args] = words;
      const printed = execFileSync(file, args).toString();
      expect(printed.split('\0').slice(0, -1)).toEqual(vector);
    }
  });

  for (const shell of SHELL_NAMES) {
    it.skipIf(!hasShell[shell])(
      `in sessions where sh is ${shell}`,
      async () => {
        const random = new Random(shell.length);
        for (let count = 0; count < VECTOR_SESSIONS; count += AT_ONCE) {
          const vectors = Array.from({ length: AT_ONCE }, () => randomVector(random));
          const seen = await Promise.all(
            vectors.map((vector) => lab.run(['exec', `lab/${shell}`, '--', ...PRINT, ...vector])),
          );
          expect(seen.map(({ stdout }) => stdout.split('\0').slice(0, -1))).toEqual(vectors);
        }
      },
      600_000,
    );
  }
});

describe('over a network that loses, repeats and reorders frames', () => {
  it(`${PAIRS} random inputs come back unchanged`, async () => {
    const rough = await Lab.start();
    await rough.control('faults', { drop: 0.02, dup: 0.05, reorder: 0.05, seed: 6 });
    const random = new Random(66);
    for (let count = 0; count < PAIRS; count += AT_ONCE) {
      const inputs = Array.from({ length: AT_ONCE }, () => randomBytes(random));
      const outputs = await Promise.all(
        inputs.map(async (input) => {
          const program = rough.start(['exec', '-i', 'lab/app', '--', 'cat'], { input });
          const { status, stderr } = await program.finished;
          expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
          return program.stdout;
        }),
      );
      outputs.forEach((output, index) => {
        expect(output.equals(inputs[index] ?? Buffer.alloc(0))).toBe(true);
      });
    }
    await rough.stop();
  }, 1_200_000);
});

describe('while the agent disconnects between a write and its acknowledgement (S-8a)', () => {
  it(`${PAIRS} inputs arrive unchanged although the agent writes messages twice`, async () => {
    const rough = await Lab.start();
    await rough.control('faults', { agentCut: 0.03, agentAwayMs: 20, seed: 8 });
    const random = new Random(88);
    for (let count = 0; count < PAIRS; count += AT_ONCE) {
      const inputs = Array.from({ length: AT_ONCE }, () =>
        Buffer.concat(Array.from({ length: 1 + random.below(20) }, () => randomBytes(random))),
      );
      const seen = await Promise.all(
        inputs.map(async (input) => {
          const words = ['exec', '-i', '-e', 'A=b c', 'lab/app', '--', 'sh', '-c'];
          const program = rough.start([...words, 'printf %s "$A" >&2; cat'], { input });
          const { status, stderr } = await program.finished;
          return { status, stderr, isExact: program.stdout.equals(input) };
        }),
      );
      expect(seen).toEqual(inputs.map(() => ({ status: 0, stderr: 'b c', isExact: true })));
    }
    await rough.stop();
  }, 1_200_000);
});

/** Up to 8 KB, with many bytes that are special to terminals and encodings. */
function randomBytes(random: Random): Buffer {
  const special = [0, 3, 4, 10, 13, 0x1a, 0xef, 0xbf, 0xbd, 0xff];
  return Buffer.from(
    Array.from({ length: random.below(8_000) }, () =>
      random.below(4) === 0 ? random.pick(special) : random.below(256),
    ),
  );
}
