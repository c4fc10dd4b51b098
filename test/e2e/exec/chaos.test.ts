import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';

/** ECSH_FULL_CHAOS=1 runs all of it, which takes minutes. */
const IS_FULL = process.env.ECSH_FULL_CHAOS === '1';
const LIMIT_MS = IS_FULL ? 15 * 60_000 : 60_000;

/** The faults of each network, in both directions, and the number of bytes sent each way. */
const NETWORKS = [
  {
    name: 'a slow network that often loses, duplicates and reorders frames, and disconnects',
    faults: { drop: 0.05, dup: 0.05, reorder: 0.05, delayMs: 80, cutEveryMs: 2_000 },
    bytes: IS_FULL ? 3_000_000 : 50_000,
  },
  {
    name: 'a network that rarely loses a frame or disconnects',
    faults: { drop: 0.0005, cutEveryMs: IS_FULL ? 10_000 : 700 },
    bytes: IS_FULL ? 50_000_000 : 1_000_000,
  },
];

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.start();
});

afterEach(() => lab.stop());

describe('bytes arrive unchanged in both directions over', () => {
  it.each(NETWORKS)(
    '$name',
    async ({ faults, bytes }) => {
      await lab.control('faults', faults);
      const data = randomBytes(bytes);
      const program = lab.start(['exec', '-i', '-q', 'lab/app', '--', 'cat'], { input: data });
      const { status, stderr } = await program.finished;
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(program.stdout.equals(data)).toBe(true);
    },
    LIMIT_MS,
  );
});

describe('a shell', () => {
  it('keeps its screen intact through ten disconnects', async () => {
    const screen = await lab.openTerminal(['shell', 'lab/dash']);
    await screen.until(/\$> ?$/);
    const commands = Array.from({ length: 10 }, (_, index) => `echo $((${index} + 100))`);
    for (const [index, command] of commands.entries()) {
      await lab.control('cut');
      screen.type(`${command}\r`);
      await screen.until(new RegExp(`^${index + 100}$`, 'm'));
    }
    screen.type('exit 3\r');
    await screen.until(/^status=3 settings=kept$/m);
    const lines = screen.text.split('\n').map((line) => line.trimEnd());
    expect(lines.slice(lines.findIndex((line) => line.includes(commands[0] ?? '')))).toEqual([
      ...commands.flatMap((command, index) => [`$> ${command}`, `${index + 100}`]),
      '$> exit 3',
      'status=3 settings=kept',
    ]);
    expect(await lab.control('sessions')).toMatchObject([{ opens: 11 }]);
  });
});
