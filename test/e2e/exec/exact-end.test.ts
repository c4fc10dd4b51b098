import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasShell, Lab } from '#test/helpers/e2e.ts';
import { hasProc, markedSleep, untilGone } from '#test/helpers/program.ts';
import { SHELL_NAMES } from '#test/helpers/shells.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
});

afterAll(() => lab.stop());

const QUICKLY = ['--kill-after', '300ms'];

/** Each prints "ready" and leaves processes behind that its first process does not wait for. */
const FAMILIES: Readonly<Record<string, (sleep: string) => readonly string[]>> = {
  'ignore every signal': (sleep) => [
    ...['sh', '-c', `trap '' TERM HUP INT; ${sleep} & echo ready; ${sleep}`],
  ],
  'ignore every signal, and hold no stream': (sleep) => [
    ...['sh', '-c', `(trap '' TERM HUP INT; ${sleep} >/dev/null 2>&1) & echo ready; ${sleep}`],
  ],
  'are in process groups of their own': (sleep) => [
    ...['bash', '-c', `set -m; ${sleep} & (trap '' TERM HUP INT; ${sleep}) & echo ready; wait`],
  ],
};

const ENDS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

describe.skipIf(!hasProc)('no process is left of a command whose children', () => {
  for (const [name, command] of Object.entries(FAMILIES)) {
    const needsBash = command('')[0] === 'bash';
    const isPossible = !needsBash || hasShell.bash;

    for (const [signal, status] of ENDS) {
      it.skipIf(!isPossible).concurrent(`${name}: after ${signal}`, async () => {
        const sleeper = markedSleep().join(' ');
        const program = lab.start(['exec', ...QUICKLY, 'lab/app', '--', ...command(sleeper)]);
        await program.untilOutput('ready\n');
        program.signal(signal);
        expect(await program.finished).toMatchObject({ status, stdout: 'ready\n' });
        await untilGone(sleeper);
      });
    }

    it.skipIf(!isPossible).concurrent(`${name}: with unread stdin`, async () => {
      const sleeper = markedSleep().join(' ');
      const args = ['exec', '-i', '--timeout', '6s', ...QUICKLY, 'lab/app', '--'];
      const seen = await lab.run([...args, ...command(sleeper)], {
        input: Buffer.alloc(1_000_000),
      });
      expect(seen).toMatchObject({ status: 124, stdout: 'ready\n' });
      await untilGone(sleeper);
    });

    it.skipIf(!isPossible).concurrent(`${name}: in the raw encoding`, async () => {
      const sleeper = markedSleep().join(' ');
      const args = ['exec', '--output-encoding', 'raw', '--timeout', '6s', ...QUICKLY, 'lab/app'];
      const seen = await lab.run([...args, '--', ...command(sleeper)]);
      expect(seen).toMatchObject({ status: 124, stdout: 'ready\n' });
      await untilGone(sleeper);
    });
  }

  for (const shell of SHELL_NAMES) {
    it.skipIf(!hasShell[shell]).concurrent(`are in the background (${shell})`, async () => {
      const sleeper = markedSleep().join(' ');
      const script = `${sleeper} & echo ready; ${sleeper}`;
      const target = `lab/${shell}`;
      const program = lab.start(['exec', ...QUICKLY, target, '--', 'sh', '-c', script]);
      await program.untilOutput('ready\n');
      program.signal('SIGINT');
      expect(await program.finished).toMatchObject({ status: 130 });
      await untilGone(sleeper);
    });
  }
});

describe('exec that cannot start the command', () => {
  it.concurrent('suggests --no-shell for an image without sh', async () => {
    const bare = await Lab.start({
      clusters: [
        { name: 'lab', services: [{ name: 'app', containers: [{ name: 'app', path: '/none' }] }] },
      ],
    });
    const seen = await bare.run(['exec', 'lab/app', '--', 'true']);
    await bare.stop();
    expect(seen).toEqual({
      status: 127,
      stdout: '',
      stderr: expect.stringContaining('--no-shell'),
    });
  });

  it.concurrent('exits with 126 for a user that does not exist', async () => {
    const seen = await lab.run(['exec', '-u', 'no-such-user', 'lab/app', '--', 'true']);
    expect(seen).toEqual({
      status: 126,
      stdout: '',
      stderr: 'ecsh: There is no user no-such-user in the container. [user-not-found]\n',
    });
  });
});

describe('variables of -e that could confuse the envelope or its shell', () => {
  // IFS is not tested: shells neither import it from the environment nor export it.
  const variables = {
    PATH: '/nowhere',
    LC_ALL: 'xx_YY',
    n: '1',
    o: 'm',
    l: 'L',
    v: '',
  };

  for (const shell of SHELL_NAMES) {
    it.skipIf(!hasShell[shell]).concurrent(`reach the command (${shell})`, async () => {
      const flags = Object.entries(variables).flatMap(([name, value]) => [
        ...['-e', `${name}=${value}`],
      ]);
      const seen = await lab.run([
        'exec',
        '-e',
        'IFS=x-/',
        ...flags,
        `lab/${shell}`,
        '--',
        '/usr/bin/env',
      ]);
      const lines = seen.stdout.split('\n');
      expect(seen.status).toBe(0);
      for (const [name, value] of Object.entries(variables)) {
        expect(lines).toContain(`${name}=${value}`);
      }
    });

    it.skipIf(!hasShell[shell]).concurrent(
      `do not change how program names that look like options are reported (${shell})`,
      async () => {
        for (const name of ['-n', '--', '=x', '-a']) {
          const seen = await lab.run(['exec', `lab/${shell}`, '--', name]);
          expect(seen).toEqual({ status: 127, stdout: '', stderr: expect.stringContaining(name) });
        }
      },
    );
  }
});
