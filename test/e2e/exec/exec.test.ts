import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasShell, Lab } from '#test/helpers/e2e.ts';
import {
  ECSH,
  type Finished,
  hasProc,
  isInstalled,
  markedSleep,
  untilGone,
} from '#test/helpers/program.ts';
import { rounds } from '#test/helpers/rounds.ts';
import { SHELL_NAMES } from '#test/helpers/shells.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
});

afterAll(() => lab.stop());

const STREAMS = ['sh', '-c', 'echo out; echo err >&2; exit 7'];
const STREAMS_SEEN = { status: 7, stdout: 'out\n', stderr: 'err\n' };

describe('exec passes stdout, stderr and status through', () => {
  for (const shell of SHELL_NAMES) {
    it.skipIf(!hasShell[shell]).concurrent(`where sh is ${shell}`, async () => {
      const seen = await lab.run(['exec', `lab/${shell}`, '--', ...STREAMS]);
      expect(seen).toEqual(STREAMS_SEEN);
    });
  }

  it.concurrent('when stdin is a pipe that stays open', async () => {
    const seen = await lab.run(['exec', 'lab/app', '--', ...STREAMS], { keepsInputOpen: true });
    expect(seen).toEqual(STREAMS_SEEN);
  });

  it.concurrent('when the environment has only PATH and the AWS variables', async () => {
    const { PATH = '' } = process.env;
    const aws = Object.entries(lab.environment).filter(([name]) => /^AWS_[^E]|^AWS_EN/.test(name));
    const env = { PATH, ...Object.fromEntries(aws) };
    expect(await lab.run(['exec', 'lab/app', '--', ...STREAMS], { env })).toEqual(STREAMS_SEEN);
  });

  it.skipIf(!isInstalled('nohup', '--version')).concurrent('under nohup', async () => {
    const seen = await lab.script('nohup "$@"', ['exec', 'lab/app', '--', ...STREAMS]);
    expect(seen).toEqual(STREAMS_SEEN);
  });

  it.concurrent('when all standard streams but one are closed', async () => {
    const exec = ['exec', 'lab/app', '--'];
    const [onlyOut, onlyErr] = await Promise.all([
      lab.script('"$@" <&- 2>&-', [...exec, ...STREAMS]),
      // Lost output would be a failure.
      lab.script('"$@" <&- >&-', [...exec, 'sh', '-c', 'echo err >&2; exit 7']),
    ]);
    expect(onlyOut).toEqual({ ...STREAMS_SEEN, stderr: '' });
    expect(onlyErr).toEqual({ ...STREAMS_SEEN, stdout: '' });
  });

  it.concurrent('on a terminal, in the order in which they were written', async () => {
    const screen = await lab.openTerminal(['exec', 'lab/app', '--', ...STREAMS]);
    await screen.ended;
    expect(screen.text.split('\n').slice(1)).toEqual(['out', 'err', 'status=7 settings=kept']);
  });

  it.concurrent('on a terminal where only stdout is a file', async () => {
    const file = join(lab.folder, 'stdout');
    const screen = await lab.openScreen([
      ...['sh', '-c', 'f=$1; shift; "$@" > "$f"; echo "status=$?"; cat "$f"', 'sh', file],
      ...[...ECSH, 'exec', 'lab/app', '--', ...STREAMS],
    ]);
    await screen.ended;
    expect(screen.text).toBe('err\nstatus=7\nout');
  });

  it.concurrent('with --stderr merge as one stream, in the order in which they were written', async () => {
    const script = 'for i in 1 2 3; do echo out$i; echo err$i >&2; done';
    const args = ['exec', '--stderr', 'merge', 'lab/app', '--', 'sh', '-c', script];
    expect(await lab.run(args)).toEqual({
      status: 0,
      stdout: 'out1\nerr1\nout2\nerr2\nout3\nerr3\n',
      stderr: '',
    });
  });
});

describe('exec exits with the status of', () => {
  it.concurrent.each([
    ['true', ['true'], 0],
    ['false', ['false'], 1],
    ['a command that a signal kills', ['sh', '-c', 'kill -9 $$'], 137],
    ['exit 255', ['sh', '-c', 'exit 255'], 255],
    ['set -e', ['sh', '-ec', 'false; echo no'], 1],
  ])('%s', async (_name, command, status) => {
    expect(await lab.run(['exec', 'lab/app', '--', ...command])).toEqual({
      status,
      stdout: '',
      stderr: '',
    });
  });

  it.concurrent.each([
    ['a program that the image lacks', 'nosuchcmd', 127],
    ['a file that cannot be executed', '/etc/passwd', 126],
    ['a directory', '/etc', 126],
    ['a path that does not exist', '/no/such', 127],
  ])('%s, and reports why it did not run', async (_name, program, status) => {
    const seen = await lab.run(['exec', 'lab/app', '--', program]);
    expect(seen).toEqual({ status, stdout: '', stderr: expect.stringContaining(program) });
  });
});

describe('exec keeps every byte', () => {
  it.concurrent('of many random ones from the container', async () => {
    const file = join(lab.folder, 'random-out');
    const data = randomBytes(Math.max(1_000_000, rounds(5_000_000)));
    writeFileSync(file, data);
    const program = lab.start(['exec', 'lab/app', '--', 'cat', file]);
    const { status, stderr } = await program.finished;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(sha256(program.stdout)).toBe(sha256(data));
  }, 40_000);

  for (const shell of SHELL_NAMES) {
    it.skipIf(!hasShell[shell]).concurrent(
      `of many random ones through stdin and back where sh is ${shell}`,
      () => expectEcho(`lab/${shell}`, randomBytes(Math.max(300_000, rounds(1_000_000)))),
    );
  }

  it.concurrent('of all 256 values, and adds none to an empty input', async () => {
    await expectEcho('lab/app', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
    await expectEcho('lab/app', Buffer.alloc(0));
  });

  it.concurrent('of 10,000 lines from a command that exits at once', async () => {
    const seen = await lab.run(['exec', 'lab/app', '--', 'seq', '1', '10000']);
    expectLarge(seen, { status: 0, stdout: numbers(1, 10_000), stderr: '' });
  });

  it.concurrent('when the reader is slow', async () => {
    const args = ['exec', 'lab/app', '--', 'seq', '1', '150000'];
    const seen = await lab.script('{ "$@"; echo "status=$?" >&2; } | { sleep 2; cat; }', args);
    expectLarge(seen, { status: 0, stdout: numbers(1, 150_000), stderr: 'status=0\n' });
  });

  it.concurrent('of stderr too', async () => {
    const script = 'seq 1 5000 >&2; seq 5001 10000';
    const seen = await lab.run(['exec', 'lab/app', '--', 'sh', '-c', script]);
    expect(seen.stderr === numbers(1, 5_000)).toBe(true);
    expectLarge({ ...seen, stderr: '' }, { status: 0, stdout: numbers(5_001, 10_000), stderr: '' });
  });
});

describe('exec -i', () => {
  it.concurrent('sends a line to a command that has printed nothing yet', async () => {
    const program = lab.start(
      ['exec', '-i', 'lab/app', '--', 'sh', '-c', 'read x; echo "got $x"'],
      {
        input: 'hello\n',
        keepsInputOpen: true,
      },
    );
    expect(await program.finished).toEqual({ status: 0, stdout: 'got hello\n', stderr: '' });
  });

  it.concurrent('sends input as soon as it arrives', async () => {
    const program = lab.start(['exec', '-i', 'lab/app', '--', 'cat'], { keepsInputOpen: true });
    program.write('one\n');
    await program.untilOutput('one\n');
    program.write('two\n');
    await program.untilOutput('two\n');
    program.endInput();
    expect(await program.finished).toEqual({ status: 0, stdout: 'one\ntwo\n', stderr: '' });
  });

  it.concurrent('exits with a command that stops reading, although input never ends', async () => {
    const seen = await lab.script('yes | "$@"', ['exec', '-i', 'lab/app', '--', 'head', '-1']);
    expect(seen).toEqual({ status: 0, stdout: 'y\n', stderr: '' });
  });

  it.concurrent('sends an end of file if stdin is /dev/null', async () => {
    const seen = await lab.run(['exec', '-i', 'lab/app', '--', 'sh', '-c', 'cat; echo end']);
    expect(seen).toEqual({ status: 0, stdout: 'end\n', stderr: '' });
  });

  it.concurrent('is required to send stdin: without it, exec does not read stdin', async () => {
    const args = ['exec', 'lab/app', '--', 'cat'];
    const seen = await lab.script('{ "$@"; cat; }', args, { input: 'mine\n' });
    expect(seen).toEqual({ status: 0, stdout: 'mine\n', stderr: '' });
  });
});

describe('the command', () => {
  for (const shell of SHELL_NAMES) {
    it.skipIf(!hasShell[shell]).concurrent(
      `gets the values of -e and --env-file, which are not recorded (${shell})`,
      async () => {
        const file = join(lab.folder, `env-${shell}`);
        writeFileSync(file, '# comment\nFROM_FILE=se\'cret "two" $x\n');
        const args = ['exec', '-e', 'GIVEN=secret-one\n\\n', '--env-file', file, '-e', 'OWN'];
        const print = ['sh', '-c', 'printf "%s|" "$GIVEN" "$FROM_FILE" "$OWN"'];
        const env = { ...lab.environment, OWN: 'secret-three' };
        const seen = await lab.run([...args, `lab/${shell}`, '--', ...print], { env });
        expect(seen).toEqual({
          status: 0,
          stdout: 'secret-one\n\\n|se\'cret "two" $x|secret-three|',
          stderr: '',
        });
        const recorded = JSON.stringify([
          await lab.control('sessions'),
          await lab.control('calls'),
        ]);
        expect(recorded).toContain('$FROM_FILE');
        expect(recorded).not.toMatch(/se'?cret/);
      },
    );
  }

  it.concurrent('gets every argument unchanged', async () => {
    const args = [
      '',
      ' ',
      "it's",
      '"',
      '$HOME',
      '`id`',
      '\\',
      '*',
      'a\nb',
      '-n',
      '--',
      'ü€',
      '#x',
      '!',
    ];
    const seen = await lab.run(['exec', 'lab/app', '--', 'printf', '<%s>', ...args]);
    expect(seen).toEqual({ status: 0, stdout: args.map((arg) => `<${arg}>`).join(''), stderr: '' });
  });

  it.concurrent('runs in the directory of -w', async () => {
    const args = ['exec', '-w', '/usr/bin', 'lab/app', '--', 'pwd'];
    expect(await lab.run(args)).toEqual({ status: 0, stdout: '/usr/bin\n', stderr: '' });
  });

  it.concurrent('does not run when the directory of -w is missing', async () => {
    const seen = await lab.run(['exec', '-w', '/no/such', 'lab/app', '--', 'pwd']);
    expect(seen).toEqual({ status: 126, stdout: '', stderr: expect.stringContaining('/no/such') });
  });

  it.concurrent('has no terminal, not even through /dev/tty', async () => {
    const script = 'tty; (: < /dev/tty) 2>/dev/null || echo none';
    const seen = await lab.run(['exec', 'lab/app', '--', 'sh', '-c', script]);
    expect(seen).toEqual({ status: 0, stdout: 'not a tty\nnone\n', stderr: '' });
  });

  it.concurrent('may leave a background process that keeps its output open', async () => {
    const script = 'sleep 30 & echo started';
    const seen = await lab.run(['exec', 'lab/app', '--', 'sh', '-c', script]);
    expect(seen).toEqual({ status: 0, stdout: 'started\n', stderr: '' });
  });
});

describe('exec -t', () => {
  it.concurrent('passes the values of -e to the command, and then what is typed', async () => {
    const command = ['sh', '-c', 'read x; echo "$A, $x"'];
    const screen = await lab.openTerminal([
      ...['exec', '-it', '-e', 'A=it\'s "one"', 'lab/app', '--', ...command],
    ]);
    await screen.until(/^pid=\d+$/m);
    screen.type('two\r');
    await screen.until(/^it's "one", two$/m);
    await screen.until(/^status=0 settings=kept$/m);
  });

  it.concurrent('without -i keeps the keyboard, so Ctrl-C ends the command', async () => {
    const sleeper = markedSleep();
    const command = ['sh', '-c', `echo ready; ${sleeper.join(' ')}`];
    const screen = await lab.openTerminal(['exec', '-t', 'lab/app', '--', ...command]);
    await screen.until(/^ready$/m);
    screen.type('\x03');
    await screen.until(/status=130 settings=kept$/);
    if (hasProc) await untilGone(sleeper.join(' '));
  });

  it.concurrent('runs the command on a terminal and exits with its status', async () => {
    const command = ['sh', '-c', 'test -t 0 && test -t 1 && stty size; exit 4'];
    const screen = await lab.openTerminal(['exec', '-it', 'lab/app', '--', ...command], {
      cols: 101,
      rows: 31,
    });
    await screen.ended;
    expect(screen.text.split('\n').slice(1)).toEqual(['31 101', 'status=4 settings=kept']);
  });

  it.concurrent('needs a terminal', async () => {
    const seen = await lab.run(['exec', '-t', 'lab/app', '--', 'true']);
    expect(seen).toEqual({
      status: 255,
      stdout: '',
      stderr: expect.stringMatching(/^ecsh: .+ \[not-a-terminal\]\n {2}\S.+\n$/),
    });
  });
});

describe('exec on the built-in fleet', () => {
  it('reports the chosen task on stderr, and nothing with --quiet (T-8)', async () => {
    const demo = await Lab.start('default');
    const [said, quiet] = await Promise.all([
      demo.run(['exec', 'demo/web', '--', 'echo', 'out']),
      demo.run(['exec', '--quiet', 'demo/web', '--', 'echo', 'out']),
    ]);
    await demo.stop();
    expect(said).toEqual({
      status: 0,
      stdout: 'out\n',
      stderr: 'Task 99daa6579901, newest of 2 running tasks of service web.\n',
    });
    expect(quiet).toEqual({ status: 0, stdout: 'out\n', stderr: '' });
  });
});

describe('over a network that loses, repeats and reorders frames', () => {
  it('exec gives the same output', async () => {
    const rough = await Lab.start();
    await rough.control('faults', { drop: 0.02, dup: 0.02, reorder: 0.02, delayMs: 5 });
    const data = randomBytes(60_000);
    const program = rough.start(
      ['exec', '-i', 'lab/app', '--', 'sh', '-c', 'cat; echo e >&2; exit 3'],
      {
        input: data,
      },
    );
    const { status, stderr } = await program.finished;
    await rough.stop();
    expect({ status, stderr }).toEqual({ status: 3, stderr: 'e\n' });
    expect(program.stdout.equals(data)).toBe(true);
  });
});

async function expectEcho(target: string, data: Buffer): Promise<void> {
  const program = lab.start(['exec', '-i', target, '--', 'cat'], { input: data });
  const { status, stderr } = await program.finished;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(sha256(program.stdout)).toBe(sha256(data));
}

/** One number per line, like seq. */
function numbers(first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}\n`).join('');
}

/** Reports a difference by length and digest instead of a megabyte of text. */
function expectLarge(seen: Finished, expected: Finished): void {
  const brief = ({ stdout, ...rest }: Finished) => ({
    ...rest,
    length: stdout.length,
    digest: sha256(Buffer.from(stdout)),
  });
  expect(brief(seen)).toEqual(brief(expected));
}

function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
