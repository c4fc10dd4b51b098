import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasShell, Lab } from '#test/helpers/e2e.ts';
import { hasProc, markedSleep, untilGone } from '#test/helpers/program.ts';
import { SHELL_NAMES } from '#test/helpers/shells.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
});

afterAll(() => lab.stop());

/** These tests look for processes in /proc. */
const linux = it.skipIf(!hasProc);

describe('exec --timeout', () => {
  for (const shell of SHELL_NAMES) {
    it.skipIf(!hasProc || !hasShell[shell]).concurrent(
      `ends the command and its children with status 124 where sh is ${shell}`,
      async () => {
        const { script, sleeper } = family();
        const args = ['exec', '--timeout', '6s', `lab/${shell}`, '--', 'sh', '-c', script];
        expect(await lab.run(args)).toEqual({ status: 124, stdout: 'ready\n', stderr: '' });
        await untilGone(sleeper);
      },
    );
  }

  linux.concurrent('kills what ignores SIGTERM after --kill-after', async () => {
    const { script, sleeper } = family("trap '' TERM; ");
    const limits = ['--timeout', '6s', '--kill-after', '300ms'];
    const seen = await lab.run(['exec', ...limits, 'lab/app', '--', 'sh', '-c', script]);
    expect(seen).toEqual({ status: 124, stdout: 'ready\n', stderr: '' });
    await untilGone(sleeper);
  });

  it.concurrent('does not affect a command that ends earlier', async () => {
    const args = ['exec', '--timeout', '1m', 'lab/app', '--', 'sh', '-c', 'echo out; exit 5'];
    expect(await lab.run(args)).toEqual({ status: 5, stdout: 'out\n', stderr: '' });
  });
});

describe('exec:', () => {
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    // By default, SIGUSR1 starts Node's debugger, through which any local user could read the credentials.
    ['SIGUSR1', 143],
  ] as const) {
    linux.concurrent(
      `${signal} ends the remote command too, with status ${status} (T-2)`,
      async () => {
        const sleeper = markedSleep().join(' ');
        const script = `(${sleeper}; :); echo no`;
        const program = lab.start(['exec', 'lab/app', '--', 'sh', '-c', `echo ready; ${script}`]);
        await program.untilOutput('ready\n');
        program.signal(signal);
        expect(await program.finished).toEqual({ status, stdout: 'ready\n', stderr: '' });
        await untilGone(sleeper);
      },
    );
  }

  for (const shell of SHELL_NAMES) {
    it.skipIf(!hasProc || !hasShell[shell]).concurrent(
      `SIGTERM waits for the final output of the command (${shell})`,
      async () => {
        const [sleep, time] = markedSleep();
        const script = `trap 'echo bye; exit 3' TERM; echo ready; ${sleep} ${time} & wait`;
        const program = lab.start(['exec', '-i', `lab/${shell}`, '--', 'sh', '-c', script], {
          keepsInputOpen: true,
        });
        await program.untilOutput('ready\n');
        program.signal('SIGTERM');
        expect(await program.finished).toEqual({ status: 143, stdout: 'ready\nbye\n', stderr: '' });
        await untilGone(`${sleep} ${time}`);
      },
    );
  }

  // Background jobs of a shell without job control ignore SIGINT (POSIX).
  linux.concurrent('SIGINT ends what the command left in the background too', async () => {
    const { script, sleeper } = family();
    const args = ['exec', '--kill-after', '300ms', 'lab/app', '--', 'sh', '-c', script];
    const program = lab.start(args);
    await program.untilOutput('ready\n');
    program.signal('SIGINT');
    expect(await program.finished).toEqual({ status: 130, stdout: 'ready\n', stderr: '' });
    await untilGone(sleeper);
  });

  linux.concurrent('a second SIGINT does not wait any longer (T-2)', async () => {
    const { script, sleeper } = family("trap '' INT; ");
    const args = ['exec', '--kill-after', '1h', 'lab/app', '--', 'sh', '-c', script];
    const program = lab.start(args);
    await program.untilOutput('ready\n');
    program.signal('SIGINT');
    // Two signals at once can arrive as one; a third would arrive while ecsh exits.
    await setTimeout(300);
    program.signal('SIGINT');
    expect(await program.finished).toEqual({ status: 130, stdout: 'ready\n', stderr: '' });
    await untilGone(sleeper);
  });

  linux.concurrent('Ctrl-C on a terminal ends both, with status 130', async () => {
    const sleeper = markedSleep().join(' ');
    const script = `echo ready; (${sleeper}; :)`;
    const screen = await lab.openTerminal(['exec', 'lab/app', '--', 'sh', '-c', script]);
    await screen.until(/^ready$/m);
    screen.type('\x03');
    await screen.ended;
    expect(screen.text.split('\n').slice(1)).toEqual(['ready', '^Cstatus=130 settings=kept']);
    await untilGone(sleeper);
  });

  it.skipIf(!hasProc).concurrent.each([60, 120, 180, 220, 260, 320])(
    'SIGTERM after %i ms leaves no process behind',
    async (delay) => {
      const sleeper = markedSleep();
      const program = lab.start(['exec', 'lab/app', '--', ...sleeper]);
      await setTimeout(delay);
      program.signal('SIGTERM');
      const { status, stdout, stderr } = await program.finished;
      expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
      expect([143, 'SIGTERM']).toContain(status);
      await untilGone(sleeper.join(' '));
    },
  );

  it.concurrent('SIGTERM during --wait exits at once', async () => {
    const program = lab.start(['exec', '--wait', '1h', 'lab/pending', '--', 'true']);
    await program.untilOutput('Waiting', 'stderr');
    program.signal('SIGTERM');
    const { status, stdout } = await program.finished;
    expect([143, 'SIGTERM']).toContain(status);
    expect(stdout).toBe('');
  });
});

describe('exec whose reader goes away', () => {
  linux.concurrent('ends the command, with status 141', async () => {
    const sleeper = markedSleep().join(' ');
    const script = `${sleeper} & yes`;
    const startedAt = Date.now();
    const seen = await lab.script('{ "$@"; echo "status=$?" >&2; } | head -1', [
      ...['exec', 'lab/app', '--', 'sh', '-c', script],
    ]);
    expect(seen).toEqual({ status: 0, stdout: 'y\n', stderr: 'status=141\n' });
    // It must not wait for a timeout.
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    await untilGone(sleeper);
  });
});

// Sequential: a terminal only hangs up if no program that was started meanwhile still holds it.
describe('exec whose terminal window is closed', () => {
  linux('leaves nothing behind', async () => {
    const { script, sleeper } = family();
    const screen = await lab.openTerminal(['exec', 'lab/app', '--', 'sh', '-c', script]);
    await screen.until(/^ready$/m);
    screen.close();
    await untilGone(sleeper);
  });
});

/** A shell that waits for two sleeping children, and the command line of the children. */
function family(prefix = ''): { readonly script: string; readonly sleeper: string } {
  const sleeper = markedSleep().join(' ');
  return { script: `${prefix}${sleeper} & echo ready; ${sleeper}`, sleeper };
}
