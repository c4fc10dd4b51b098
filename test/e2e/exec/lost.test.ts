import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import { hasProc, markedSleep, untilGone, untilRunning } from '#test/helpers/program.ts';

/** Starts a lab for each test, because most tests break it. */
async function withLab(run: (lab: Lab) => Promise<void>): Promise<void> {
  const lab = await Lab.start();
  try {
    await run(lab);
  } finally {
    await lab.stop();
  }
}

/** How long ecsh may take to notice a lost connection and to give up (ms). */
const LIMIT_MS = 6_000;
const LIMIT = ['--resume-limit', '1s'];
const PROMPT = /[$#>] ?$/;

const ENDS = [
  ['the server crashes', 'connection-lost', (lab: Lab) => lab.endSimulator('SIGKILL')],
  ['the server shuts down', undefined, (lab: Lab) => lab.endSimulator('SIGTERM')],
  [
    'the session is terminated from outside',
    'status-unknown',
    (lab: Lab) => lab.control('terminate'),
  ],
] as const;

describe('exec exits with 255 if', () => {
  it.concurrent.each(ENDS)('%s', (_name, code, end) =>
    withLab(async (lab) => {
      const sleeper = markedSleep().join(' ');
      const command = ['sh', '-c', `echo ready; ${sleeper}; :`];
      const program = lab.start(['exec', ...LIMIT, 'lab/app', '--', ...command]);
      await program.untilOutput('ready\n');
      const startedAt = Date.now();
      await end(lab);
      const { status, stdout, stderr } = await program.finished;
      expect({ status, stdout }).toEqual({ status: 255, stdout: 'ready\n' });
      expect(stderr).toMatch(messageWith(code));
      expect(Date.now() - startedAt).toBeLessThan(LIMIT_MS);
      await expectNoneLeft(sleeper);
    }),
  );
});

describe('a shell exits with 255 and restores the terminal', () => {
  it.concurrent.each(ENDS)('if %s', (_name, code, end) =>
    withLab(async (lab) => {
      const screen = await lab.openTerminal(['shell', ...LIMIT, 'lab/app']);
      await screen.until(PROMPT);
      const sleeper = markedSleep().join(' ');
      screen.type(`echo go; ${sleeper}\r`);
      await screen.until(/^go$/m);
      if (hasProc) await untilRunning(sleeper);
      const startedAt = Date.now();
      await end(lab);
      await screen.until(/^status=255 settings=kept$/m);
      expect(screen.text).toContain(code === undefined ? 'ecsh: ' : `[${code}]`);
      expect(Date.now() - startedAt).toBeLessThan(LIMIT_MS);
      await expectNoneLeft(sleeper);
    }),
  );
});

describe('a connection that breaks', () => {
  it.concurrent('again and again loses no input, output or exit status of exec', () =>
    withLab(async (lab) => {
      await lab.control('faults', { cutEveryMs: 150 });
      const data = randomBytes(300_000);
      const command = ['sh', '-c', 'cat; echo end >&2; exit 3'];
      const program = lab.start(['exec', '-i', 'lab/app', '--', ...command], { input: data });
      const { status, stderr } = await program.finished;
      expect({ status, stderr }).toEqual({ status: 3, stderr: 'end\n' });
      expect(program.stdout.equals(data)).toBe(true);
      expect(await countConnections(lab)).toBeGreaterThan(2);
    }));

  // A cut loses what is in flight, and the agent resends that at 10 KB/s (PROTOCOL 4.5).
  it.concurrent('hardly delays output that waits for a slow reader', () =>
    withLab(async (lab) => {
      const size = 2_000_000;
      const args = ['exec', 'lab/app', '--', 'head', '-c', `${size}`, '/dev/zero'];
      const counted = lab.script('"$@" | { sleep 4; wc -c; }', args);
      await setTimeout(3_000);
      await lab.control('cut');
      expect((await counted).stdout.trim()).toBe(`${size}`);
    }));

  it.concurrent('leaves no visible trace in a shell', () =>
    withLab(async (lab) => {
      const screen = await lab.openTerminal(['shell', 'lab/app']);
      await screen.until(PROMPT);
      for (const word of ['one', 'two', 'three']) {
        await lab.control('cut');
        screen.type(`echo "<${word}>" | tr a-z A-Z\r`);
        await screen.until(new RegExp(`^<${word.toUpperCase()}>\n.*[$#>] ?$`, 'm'));
      }
      screen.type('exit 4\r');
      await screen.until(/^status=4 settings=kept$/m);
      expect(screen.text).not.toContain('resume');
    }));

  it.concurrent.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('for good does not keep exec from exiting on %s', (signal, status) =>
    withLab(async (lab) => {
      const command = ['sh', '-c', 'echo ready; sleep 60'];
      const program = lab.start(['exec', '--kill-after', '300ms', 'lab/app', '--', ...command]);
      await program.untilOutput('ready\n');
      lab.endSimulator('SIGKILL');
      await program.untilOutput('resume', 'stderr');
      const startedAt = Date.now();
      program.signal(signal);
      expect(await program.finished).toEqual({
        status,
        stdout: 'ready\n',
        stderr: 'The connection was lost; trying to resume the session.\n',
      });
      expect(Date.now() - startedAt).toBeLessThan(LIMIT_MS);
    }),
  );
});

describe('exec that cannot connect', () => {
  it.concurrent.each([
    ['because it is refused', { refuseUpgrade: true }, 'channel-refused'],
    ['because its token has expired', { expireTokens: true }, 'connection-lost'],
  ])('%s exits with 255 and leaves no process behind', (_name, faults, code) =>
    withLab(async (lab) => {
      await lab.control('faults', faults);
      const sleeper = markedSleep();
      const seen = await lab.run(['exec', ...LIMIT, 'lab/app', '--', ...sleeper]);
      expect(seen).toEqual({
        status: 255,
        stdout: '',
        stderr: expect.stringMatching(messageWith(code)),
      });
      await expectNoneLeft(sleeper.join(' '));
    }),
  );
});

/** Matches a message with this code (any code by default) and its hint. */
function messageWith(code = '[a-z-]+'): RegExp {
  return new RegExp(`^ecsh: .+ \\[${code}\\]\\n {2}\\S.+\\n$`, 'm');
}

async function countConnections(lab: Lab): Promise<number> {
  const sessions = await lab.control('sessions');
  return Number(/"opens":(\d+)/.exec(JSON.stringify(sessions))?.[1]);
}

async function expectNoneLeft(sleeper: string): Promise<void> {
  if (hasProc) await untilGone(sleeper);
}
