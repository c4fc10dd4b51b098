import { createHash, randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { test as base, describe, expect, vi } from 'vitest';
import type { DispatcherEvent } from '#envelope/dispatched-command.ts';
import { Dispatcher } from '#envelope/dispatcher.ts';
import { type CommandRequest, createDispatcher } from '#envelope/dispatcher-lines.ts';
import { spawnPty } from '#test/helpers/pty.ts';
import { rounds } from '#test/helpers/rounds.ts';
import {
  type AnyShell,
  COMMON_SHELLS,
  hasProgram,
  imageEnvironment,
  ODD_SHELLS,
  SHELLS,
} from '#test/helpers/shells.ts';

interface Outcome {
  readonly status: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

interface Running {
  readonly id: number;
  readonly ended: Promise<Outcome>;
  readonly started: Promise<void>;
  readonly output: Readonly<Record<'stdout' | 'stderr', readonly Uint8Array[]>>;
}

type Request = Partial<Omit<CommandRequest, 'id' | 'argv' | 'hasStdin'>> & {
  readonly stdin?: Uint8Array;
  /** Never sends the end of stdin. */
  readonly isOpen?: boolean;
  /** Never reads output. */
  readonly isHeld?: boolean;
};

interface LabOptions {
  readonly without?: readonly string[];
  /** Writes every input message twice, as the agent may (S-8a). */
  readonly doubles?: boolean;
  /** Sends SIGCHLD all the time, as if children ended. */
  readonly isDisturbed?: boolean;
}

/** An stty that leaves a process behind, which sends signals to its shell. */
function disturb({ PATH }: Readonly<Record<string, string>>): void {
  rmSync(`${PATH}/stty`);
  const script = '#!/bin/sh\n(while kill -s CHLD $PPID; do :; done) & exec /usr/bin/stty "$@"\n';
  writeFileSync(`${PATH}/stty`, script, { mode: 0o755 });
}

/** The dispatcher in a shell of this machine, on a real pty. */
class Lab {
  readonly dispatcher: Dispatcher;
  readonly log: string[] = [];
  readonly faults: string[] = [];
  readonly empty = new Set<number>();
  readonly overdue = new Set<number>();
  #write: (text: string) => void = () => undefined;
  #over: Promise<void> = Promise.resolve();
  readonly #doubles: boolean;
  readonly #listeners = new Map<number, (event: DispatcherEvent) => void>();

  private constructor(nonce: string, doubles: boolean) {
    this.dispatcher = new Dispatcher(nonce);
    this.#doubles = doubles;
  }

  static async start(
    shell: AnyShell,
    { without = [], doubles = false, isDisturbed = false }: LabOptions = {},
  ) {
    const nonce = randomBytes(8).toString('hex');
    const lab = new Lab(nonce, doubles);
    const [, ...args] = createDispatcher(nonce);
    let hear: (event: DispatcherEvent) => void = () => undefined;
    const ready = new Promise<DispatcherEvent>((resolve) => {
      hear = resolve;
    });
    const environment = imageEnvironment(shell, without);
    if (isDisturbed) disturb(environment);
    const pty = await spawnPty([...SHELLS[shell], ...args], environment, (chunk) => {
      lab.log.push(Buffer.from(chunk).toString('latin1'));
      for (const event of lab.dispatcher.receive(chunk)) {
        if (event.type === 'ready') hear(event);
        else lab.#listeners.get(event.id)?.(event);
      }
      lab.flush();
    });
    lab.#write = (text) => pty.write(text);
    lab.#over = pty.ended;
    const event = await Promise.race([ready, pty.ended]);
    if (event?.type !== 'ready') throw new Error('the dispatcher did not begin');
    return lab;
  }

  flush(): void {
    for (const message of this.dispatcher.takeMessages()) {
      this.#write(message);
      if (this.#doubles) this.#write(message);
    }
  }

  send(text: string): void {
    this.#write(text);
  }

  run(argv: readonly string[], { stdin, isOpen, isHeld, ...request }: Request = {}): Running {
    const id = this.dispatcher.run({
      argv,
      environment: {},
      directory: undefined,
      user: undefined,
      mergesStderr: false,
      isLogged: false,
      isBulk: false,
      ...request,
      hasStdin: stdin !== undefined || isOpen === true,
    });
    if (isHeld) this.dispatcher.hold(id, 'stdout');
    let begin: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const output = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
    let status: number | undefined;
    const ended = new Promise<Outcome>((resolve) => {
      this.#listeners.set(id, (event) => {
        if (event.type === 'started') begin();
        else if (event.type === 'data') output[event.stream].push(event.data);
        else if (event.type === 'fault') this.faults.push(event.fault);
        else if (event.type === 'empty') this.empty.add(id);
        else if (event.type === 'status-due') this.overdue.add(id);
        else if (event.type === 'status') {
          status = event.status;
          setTimeout(() => {
            this.dispatcher.markEnd(id);
            this.flush();
          }, 100);
        } else if (event.type === 'ended') {
          resolve({
            status,
            stdout: Buffer.concat(output.stdout),
            stderr: Buffer.concat(output.stderr),
          });
          if (!isOpen) this.dispatcher.forget(id);
          this.flush();
        }
      });
    });
    if (stdin !== undefined) {
      this.dispatcher.write(id, stdin);
      if (!isOpen) this.dispatcher.endInput(id);
    }
    this.flush();
    return { id, ended, started, output };
  }

  async result(argv: readonly string[], request?: Request) {
    const { status, stdout, stderr } = await this.run(argv, request).ended;
    return { status, stdout: `${stdout}`, stderr: `${stderr}` };
  }

  async close(): Promise<void> {
    this.dispatcher.quit();
    this.flush();
    await this.#over;
  }
}

/** A test with a function that opens dispatchers. They are closed at the end of the test. */
const test = base.extend<{ open: typeof Lab.start }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest needs the pattern to find the fixtures in use.
  open: async ({}, use) => {
    const labs: Lab[] = [];
    await use(async (shell, options) => {
      const lab = await Lab.start(shell, options);
      labs.push(lab);
      return lab;
    });
    for (const lab of labs) await lab.close();
  },
});

const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), 15_000);

const SHARING: readonly AnyShell[] = [
  ...COMMON_SHELLS,
  ...ODD_SHELLS.filter((shell) => shell === 'mksh'),
];

describe.each(SHARING.filter(hasProgram))('the dispatcher in %s', { concurrent: true }, (shell) => {
  test('gives each command its own streams and status, many at once', async ({ open }) => {
    const session = await open(shell);
    const results = Array.from({ length: 12 }, (_, n) =>
      session.result(['sh', '-c', `sleep .2; echo out ${n}; echo err ${n} >&2; exit ${n * 20}`]),
    );
    expect(await Promise.all(results)).toEqual(
      Array.from({ length: 12 }, (_, n) => ({
        status: n * 20,
        stdout: `out ${n}\n`,
        stderr: `err ${n}\n`,
      })),
    );
  });

  test('transfers any bytes in both directions, with an end of input', async ({ open }) => {
    const session = await open(shell);
    const data = randomBytes(200_000);
    const { status, stdout } = await session.run(['cat'], { stdin: data }).ended;
    expect(status).toBe(0);
    expect(createHash('sha256').update(stdout).digest('hex')).toBe(
      createHash('sha256').update(data).digest('hex'),
    );
    expect(await session.result(['wc', '-c'], { stdin: new Uint8Array(0) })).toMatchObject({
      stdout: expect.stringMatching(/^ *0\n$/),
    });
  });

  test('reads large stdin with more processes, and leaves none of them', async ({ open }) => {
    const session = await open(shell, { doubles: true });
    const data = randomBytes(300_000);
    const { status, stdout } = await session.run(['cat'], { stdin: data, isBulk: true }).ended;
    expect([status, stdout.equals(data)]).toEqual([0, true]);
    const rest = await session.result([
      'sh',
      '-c',
      'cat /proc/[0-9]*/environ | tr "\\0" "\\n" | grep -c "^HOME=$HOME$"',
    ]);
    // The dispatcher, its guard, and those of this command.
    expect(Number(rest.stdout)).toBeLessThan(16);
  });

  test('drops requests, stdin and signals that the agent has written twice', async ({ open }) => {
    const session = await open(shell, { doubles: true });
    const data = randomBytes(150_000);
    const { status, stdout } = await session.run(['cat'], { stdin: data }).ended;
    expect([status, stdout.equals(data)]).toEqual([0, true]);
    const counting = session.run(
      ['sh', '-c', 'trap "echo usr" USR1; echo up; read -r _; echo done'],
      {
        stdin: new Uint8Array(0),
        isOpen: true,
      },
    );
    await counting.started;
    await until(() => session.log.join('').includes('11'));
    session.dispatcher.endInput(counting.id);
    session.flush();
    expect(`${(await counting.ended).stdout}`).toBe('up\ndone\n');
  });

  test('passes arguments, variables, directory and merged stderr unchanged', async ({ open }) => {
    const session = await open(shell);
    const words = ["it's", 'a\\b', '-n', '', '* ?', 'é\n\t$HOME', 'x'.repeat(3_000)];
    const environment = { _V: 'mine', A: " two  'words' \\ ", B: '' };
    expect(
      await session.result(
        ['sh', '-c', 'printf "<%s>" "$@" "$_V" "$A" "$B"; pwd; echo e >&2', '-', ...words],
        {
          environment,
          directory: '/usr',
          mergesStderr: true,
        },
      ),
    ).toEqual({
      status: 0,
      stdout: `${[...words, ...Object.values(environment)].map((word) => `<${word}>`).join('')}/usr\ne\n`,
      stderr: '',
    });
  });

  test('sets variables that are special in the shell', async ({ open }) => {
    const session = await open(shell);
    const environment = { UID: '1000', A: 'VUID=x\\' };
    const { status, stdout } = await session.result(['env'], { environment });
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['UID=1000', 'A=VUID=x\\']));
  });

  test('reports commands that cannot run, like a shell', async ({ open }) => {
    const session = await open(shell);
    expect((await session.result(['no-such-program'])).status).toBe(127);
    expect((await session.result(['/etc/passwd'])).status).toBe(126);
    expect((await session.result(['-x'])).status).toBe(127);
    expect((await session.result(['true'], { directory: '/no/such' })).status).toBe(126);
    expect(session.faults).toEqual([]);
  });

  test('signals every process of a command with a blocked stdin, and reports when none is left', async ({
    open,
  }) => {
    const session = await open(shell);
    const blocked = session.run(['sh', '-c', '(trap "" TERM; sleep 60) & sleep 60'], {
      stdin: randomBytes(300_000),
      isOpen: true,
    });
    await blocked.started;
    expect((await session.result(['printf', 'beside\n'])).stdout).toBe('beside\n');
    session.dispatcher.signal(blocked.id, 'SIGTERM');
    session.dispatcher.awaitEmpty(blocked.id);
    session.flush();
    expect((await blocked.ended).status).toBe(143);
    expect(session.empty.has(blocked.id)).toBe(false);
    session.dispatcher.signal(blocked.id, 'SIGKILL');
    session.flush();
    await until(() => session.empty.has(blocked.id));
  });

  test('ends a command whose output is held open by a background process', async ({ open }) => {
    const session = await open(shell);
    const result = session.result(['sh', '-c', 'sleep 5 & echo through']);
    expect(await result).toEqual({ status: 0, stdout: 'through\n', stderr: '' });
  });

  test('ends the output of a command whose shell was killed, and runs the next command', async ({
    open,
  }) => {
    const session = await open(shell);
    const { id } = session.run(['sh', '-c', 'kill -9 $PPID']);
    await until(() => session.overdue.size > 0);
    expect([...session.overdue]).toEqual([id]);
    expect(await session.result(['sh', '-c', 'echo on'])).toMatchObject({
      status: 0,
      stdout: 'on\n',
    });
  });

  test('survives a process that ends while it writes to its pipe', async ({ open }) => {
    const session = await open(shell);
    const script = 'sh -c "sleep .2; echo \\$\\$ >&2; exec sleep 60" 8>&1 | :';
    const { id, output } = session.run(['sh', '-c', script]);
    await until(() => output.stderr.length > 0);
    // As if that process waited for credit: nothing reads the pipe through which it would get it.
    const pid = Buffer.concat(output.stderr).toString().trim();
    session.dispatcher.receive(Buffer.from(`w1${id} ${pid}\n`));
    session.flush();
    expect(await session.result(['printf', 'on\n'])).toEqual({
      status: 0,
      stdout: 'on\n',
      stderr: '',
    });
  });

  test('does not let a command delay another, whether its output is read or not', async ({
    open,
  }) => {
    const session = await open(shell);
    const endless = session.run(['yes'], { isHeld: true });
    const bulk = session.run(['head', '-c', '600000', '/dev/zero']);
    await endless.started;
    expect(await session.result(['printf', 'beside\n'])).toEqual({
      status: 0,
      stdout: 'beside\n',
      stderr: '',
    });
    expect((await bulk.ended).stdout.equals(Buffer.alloc(600_000))).toBe(true);
    session.dispatcher.signal(endless.id, 'SIGTERM');
    session.dispatcher.release(endless.id, 'stdout');
    session.flush();
    expect((await endless.ended).status).toBe(143);
  });

  test('does not change SIGINT and SIGQUIT in commands', async ({ open }) => {
    const session = await open(shell);
    const { stdout } = await session.result(['sh', '-c', 'kill -INT $$; echo survived']);
    expect(stdout).toBe('');
  });

  test('works without setsid and without base64', async ({ open }) => {
    const session = await open(shell, { without: ['setsid', 'base64'] });
    expect(session.dispatcher.features).toEqual({
      output: 'hex',
      input: 'escapes',
      hasOwnSession: false,
    });
    const data = randomBytes(3_000);
    expect((await session.run(['cat'], { stdin: data }).ended).stdout.equals(data)).toBe(true);
    const tree = session.run(['sh', '-c', 'sleep 60 & printf up; sleep 60'], { isOpen: true });
    await until(() => tree.output.stdout.length === 1);
    session.dispatcher.signal(tree.id, 'SIGTERM');
    session.dispatcher.awaitEmpty(tree.id);
    session.flush();
    expect((await tree.ended).status).toBe(143);
    await until(() => session.empty.has(tree.id));
  });

  // BusyBox's printf loses its output to a terminal if a child ends at that moment.
  test('starts even if a child ends at that moment', async () => {
    for (let start = 0; start < rounds(8); start++) {
      const session = await Lab.start(shell, { isDisturbed: true });
      expect(session.dispatcher.features).toBeDefined();
      await session.close();
    }
  });

  test('reports an image without stty', async ({ open }) => {
    const session = await open(shell, { without: ['stty'] });
    expect(session.dispatcher.features).toBeUndefined();
  });

  test('writes a command in plain text to the log, without the values of variables', async ({
    open,
  }) => {
    const session = await open(shell);
    await session.result(['true', "it's", 'y'.repeat(1_000)], {
      environment: { TOKEN: 'secret' },
      isLogged: true,
    });
    const lines = session.log
      .join('')
      .split('\n')
      .filter((line) => line.startsWith('# ecsh'));
    expect(lines.join('\n')).toBe(
      `# ecsh: true 'it\\0047s' ${'y'.repeat(876)}\n# ecsh+ ${'y'.repeat(124)}`,
    );
    expect(session.log.join('')).not.toContain('secret');
  });
});

test.skipIf(!hasProgram('ksh93'))(
  'ksh93 does not share, because it reports signals differently',
  async ({ open }) => {
    expect((await open('ksh93')).dispatcher.features).toBeUndefined();
  },
);

test.skipIf(!hasProgram('posh'))(
  'posh ends without a report, so each command gets its own session',
  async ({ open }) => {
    await expect(open('posh')).rejects.toThrow('the dispatcher did not begin');
  },
);
