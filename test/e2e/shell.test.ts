import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasShell, Lab } from '#test/helpers/e2e.ts';
import {
  ECSH,
  hasProc,
  IS_EXECUTABLE,
  isInstalled,
  markedSleep,
  untilGone,
  untilRunning,
} from '#test/helpers/program.ts';
import type { Screen } from '#test/helpers/screen.ts';
import { imageEnvironment, SHELL_NAMES } from '#test/helpers/shells.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
});

afterAll(() => lab.stop());

/** A prompt at the end of the screen: the shell is waiting. */
const PROMPT = /[$#>] ?$/;

for (const shell of SHELL_NAMES) {
  describe.skipIf(!hasShell[shell])(`a shell where sh is ${shell}`, () => {
    const open = async (cols = 80, rows = 24): Promise<Screen> => {
      const screen = await lab.openTerminal(['shell', `lab/${shell}`], { cols, rows });
      await screen.until(PROMPT);
      return screen;
    };

    it.concurrent('has TERM and the size from the first prompt on', async () => {
      const screen = await open(97, 33);
      screen.type('echo "<$TERM $(stty size)>"\r');
      await screen.until(/^<xterm-256color 33 97>$/m);
      screen.type('exit\r');
      await screen.until(/^status=0 settings=kept$/m);
    });

    it.concurrent('exits with the status of the shell', async () => {
      const screen = await open();
      screen.type('exit 3\r');
      await screen.until(/^status=3 settings=kept$/m);
    });

    it.concurrent('exits at Ctrl-D', async () => {
      const screen = await open();
      screen.type('(exit 4)\r');
      await screen.until(/exit 4\)\n.*[$#>] ?$/);
      screen.type('\x04');
      await screen.until(/status=4 settings=kept$/);
    });

    it.concurrent('interrupts a running program on Ctrl-C, and continues', async () => {
      const screen = await open();
      const sleeper = markedSleep().join(' ');
      screen.type(`echo go; ${sleeper}\r`);
      await screen.until(/^go$/m);
      // dash loses a Ctrl-C that arrives while it starts the program.
      if (hasProc) await untilRunning(sleeper);
      screen.type('\x03');
      await screen.until(/\^C\n[\s\S]*[$#>] ?$/);
      screen.type('echo "[$?]"; exit 0\r');
      await screen.until(/^\[130\]$/m);
      await screen.until(/^status=0 settings=kept$/m);
    });

    it.concurrent('follows a resize', async () => {
      const screen = await open();
      screen.type('until [ "$(stty size)" = "40 132" ]; do sleep 0.05; done; echo resized\r');
      await screen.until(/echo resized$/m);
      screen.resize(132, 40);
      await screen.until(/^resized$/m);
      screen.type('exit\r');
      await screen.until(/^status=0 settings=kept$/m);
    });

    it.concurrent('carries UTF-8 both ways', async () => {
      const screen = await open();
      const text = 'grüße, 日本語, 🙂';
      // Wait first: a line editor can consume input before it has restored the terminal.
      screen.type(`echo re''ady; cat\r`);
      await screen.until(/^ready$/m);
      screen.type(`${text}\r`);
      await screen.until(new RegExp(`^${text}\n${text}$`, 'm'));
      screen.type('\x04');
      await screen.until(/[$#>] ?$/);
      screen.type('exit\r');
      await screen.until(/^status=0 settings=kept$/m);
    });

    it.concurrent('receives a paste of 600 lines completely', async () => {
      const screen = await open();
      const lines = Array.from({ length: 600 }, (_, index) => `line ${index} of the paste, äöü`);
      screen.type('stty -echo; echo re""ady; sha256sum; stty echo\r');
      await screen.until(/^ready$/m);
      screen.type(`${lines.join('\r')}\r\x04`);
      const digest = createHash('sha256')
        .update(`${lines.join('\n')}\n`)
        .digest('hex');
      // Wait for the prompt too, because an earlier `exit` would be echoed in front of it.
      await screen.until(new RegExp(`^${digest}[^]*[$#>] ?$`, 'm'));
      screen.type('exit\r');
      await screen.until(/^status=0 settings=kept$/m);
    });

    it.concurrent('shows what a local terminal shows', async () => {
      const { PATH = '' } = imageEnvironment(shell, []);
      const image = { ...lab.environment, TERM: 'xterm-256color', PATH, PS1: '$> ' };
      const program = shell === 'bash' ? 'bash' : 'sh';
      const [local, remote] = await Promise.all([
        lab.openScreen([program], { env: image }),
        lab.openScreen([...ECSH, 'shell', `lab/${shell}`]),
      ]);
      for (const screen of [local, remote]) await playScript(screen);
      expect(remote.view).toEqual(local.view);
      expect(remote.text).toBe(local.text);
    });
  });
}

describe('a shell', () => {
  const linux = it.skipIf(!hasProc);

  for (const [signal, status] of [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const) {
    linux.concurrent(`that ${signal} ends gives the terminal back and leaves nothing`, async () => {
      const screen = await lab.openTerminal(['shell', 'lab/app']);
      const [, pid] = await screen.until(/^pid=(\d+)$/m);
      await screen.until(PROMPT);
      const sleeper = markedSleep().join(' ');
      screen.type(`${sleeper}\r`);
      await untilRunning(sleeper);
      process.kill(Number(pid), signal);
      await screen.until(new RegExp(`status=${status} settings=kept$`));
      await untilGone(sleeper);
    });
  }

  // The single executable takes no --import.
  if (!IS_EXECUTABLE) {
    it.skipIf(!hasProc).concurrent('restores the terminal if ecsh itself crashes', async () => {
      const bomb = "process.on('SIGUSR2', () => { throw new Error('boom'); })";
      const env = {
        ...lab.environment,
        TERM: 'xterm-256color',
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(bomb)}`,
      };
      const screen = await lab.openTerminal(['shell', 'lab/app'], { env });
      const [, pid] = await screen.until(/^pid=(\d+)$/m);
      await screen.until(PROMPT);
      process.kill(Number(pid), 'SIGUSR2');
      await screen.until(/^status=255 settings=kept$/m);
      expect(screen.text).toContain('ecsh: This is a bug in ecsh. [bug]\nError: boom\n');
    });
  }

  it.concurrent('interrupts a flood of output on Ctrl-C', async () => {
    const screen = await lab.openTerminal(['shell', 'lab/app']);
    await screen.until(PROMPT);
    screen.type('yes\r');
    await screen.until(/(y\n){200}/);
    screen.type('\x03');
    await screen.until(PROMPT);
    screen.type('exit\r');
    await screen.until(/^status=130 settings=kept$/m);
  });

  it.skipIf(!hasShell.bash || !hasShell.dash).concurrent(
    'restores the terminal while it is suspended, and continues afterwards',
    async () => {
      const env = { ...lab.environment, TERM: 'xterm-256color', PS1: 'local> ' };
      const screen = await lab.openScreen(['bash', '--norc', '--noprofile'], { env });
      await screen.until(/^local>$/m);
      screen.type('echo "before=$(stty -g)"\r');
      const [, before] = await screen.until(/^before=(\S+)$/m);
      const ecsh = [...ECSH, 'shell', 'lab/dash'].join(' ');
      screen.type(`sh -c 'echo "pid=$$"; exec "$@"' sh ${ecsh}\r`);
      const [, pid] = await screen.until(/^pid=(\d+)$/m);
      await screen.until(/^\$>$/m);
      process.kill(Number(pid), 'SIGTSTP');
      await screen.until(/Stopped[\s\S]*\nlocal>$/);
      screen.type('echo "after=$(stty -g)"\r');
      const [, after] = await screen.until(/^after=(\S+)$/m);
      expect(after).toBe(before);
      screen.type('fg\r');
      await screen.until(/local> fg\n.*shell lab\/dash/);
      screen.type('echo ba""ck; exit 5\r');
      await screen.until(/^back\nlocal>$/m);
      screen.type('echo "status=$?"; exit\r');
      await screen.until(/^status=5$/m);
    },
  );

  it.concurrent('does not show the markers that it sends to ecsh', async () => {
    const screen = await lab.openTerminal(['shell', 'lab/app']);
    await screen.until(PROMPT);
    screen.type('exit\r');
    await screen.ended;
    expect(screen.received.toString('latin1')).not.toContain('ecsh;');
  });

  it.concurrent('requires a terminal', async () => {
    expect(await lab.run(['shell', 'lab/app'])).toEqual({
      status: 255,
      stdout: '',
      stderr: expect.stringMatching(/^ecsh: .+ \[not-a-terminal\]\n( {2}\S.+\n){2}$/),
    });
  });

  it.concurrent('opens for a bare TARGET, in the directory of -w', async () => {
    const screen = await lab.openTerminal(['-w', '/usr/bin', 'lab/app']);
    await screen.until(PROMPT);
    screen.type('pwd; exit 9\r');
    await screen.until(/^\/usr\/bin$/m);
    await screen.until(/^status=9 settings=kept$/m);
  });

  it.skipIf(!isInstalled('tmux', '-V')).concurrent('runs a full-screen program', async () => {
    const screen = await lab.openTerminal(['shell', 'lab/app']);
    await screen.until(PROMPT);
    const socket = `${lab.folder}/tmux`;
    screen.type(
      `tmux -f /dev/null -S ${socket} new 'echo in""side; read x'; echo le""ft; exit 6\r`,
    );
    await screen.until(/^inside$/m);
    expect(screen.view.lines[0]).toBe('inside');
    screen.type('\r');
    await screen.until(/^left$/m);
    await screen.until(/^status=6 settings=kept$/m);
  });
});

// Sequential: a terminal only hangs up if no program that was started meanwhile still holds it.
describe('a shell whose window is closed', () => {
  it.skipIf(!hasProc)('leaves no process behind, and exits like other programs', async () => {
    const status = join(temporaryFolder('closed'), 'status');
    const script = 'trap : HUP; "$@"; echo $? > "$0"';
    const screen = await lab.openScreen(['sh', '-c', script, status, ...ECSH, 'shell', 'lab/app']);
    await screen.until(PROMPT);
    const sleeper = markedSleep().join(' ');
    screen.type(`${sleeper}\r`);
    await untilRunning(sleeper);
    screen.close();
    await untilGone(sleeper);
    const read = () => (existsSync(status) ? readFileSync(status, 'utf8') : '');
    await vi.waitUntil(read, { timeout: 10_000 });
    expect(read()).toBe('129\n');
  });
});

async function playScript(screen: Screen): Promise<void> {
  const lines = [
    'echo one; printf "\\033[31mred\\033[0m\\ttab\\n"',
    'echo grüße 日本',
    'for i in 1 2 3 4 5 6 7 8 9; do echo "row $i of a line that is longer than the window, so that it has to be wrapped"; done',
    'printf "\\033[2J\\033[5;10Hplaced\\n"',
    'nosuchcommand-here',
  ];
  await screen.until(PROMPT);
  for (const [index, line] of lines.entries()) {
    screen.type(`${line}; echo "=$((${index} + 100))"\r`);
    await screen.until(new RegExp(`^=${index + 100}\n.*[$#>] ?$`, 'm'));
  }
}
