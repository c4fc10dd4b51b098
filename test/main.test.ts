import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { FakeRemote, notConnected } from '#test/fakes/fake-remote.ts';
import { BufferStream } from '#test/fakes/fake-streams.ts';
import { FakeTerminal } from '#test/fakes/fake-terminal.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';
import { FakeApp, type FakeAppOptions, run } from '#test/helpers/app.ts';
import { VERSION } from '#version.ts';

/** A shell in prod/web that ends with status 0 after one line. */
function shellApp(options: FakeAppOptions = {}, output = '$ '): FakeApp {
  const remote = options.remote ?? new FakeRemote();
  remote.onOpen = (agent) =>
    setImmediate(() => {
      agent.output(output);
      remote.reportStatus(0);
      agent.close();
    });
  return new FakeApp({ remote, terminal: new FakeTerminal(), ...options });
}

/** A program that cannot find its target. */
function failingApp(options: FakeAppOptions = {}): FakeApp {
  return new FakeApp({ remote: new FakeRemote([]), terminal: new FakeTerminal(), ...options });
}

describe('help', () => {
  it.each([
    ['ecsh', ['--help']],
    ['shell', ['shell', '--help']],
    ['exec', ['exec', '--help']],
    ['cp', ['cp', '--help']],
    ['connect', ['connect', '--help']],
    ['forward', ['forward', '--help']],
    ['ls', ['ls', '--help']],
    ['logs', ['logs', '--help']],
    ['run', ['run', '--help']],
    ['doctor', ['doctor', '--help']],
    ['enable', ['enable', '--help']],
    ['enable-task', ['enable', 'task', '--help']],
    ['disable', ['disable', '--help']],
    ['describe', ['describe', '--help']],
    ['sessions', ['sessions', '--help']],
    ['sessions-ls', ['sessions', 'ls', '--help']],
    ['sessions-end', ['sessions', 'end', '--help']],
    ['restart', ['restart', '--help']],
    ['stop', ['stop', '--help']],
    ['plugin', ['plugin', '--help']],
    ['plugin-install', ['plugin', 'install', '--help']],
    ['simulate', ['simulate', '--help']],
    ['config', ['config', '--help']],
    ['targets', ['help', 'targets']],
    ['exit-status', ['help', 'exit-status']],
    ['environment', ['help', 'environment']],
  ])('of %s goes to stdout, 80 columns wide', async (name, argv) => {
    const { status, stdout, stderr } = await run(argv);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    await expect(stdout).toMatchFileSnapshot(`golden/help-${name}.txt`);
  });

  it('is the same with the flag and the command', async () => {
    expect(await run(['help', 'exec'])).toEqual(await run(['exec', '--help']));
    expect(await run(['help', 'config', 'set'])).toEqual(await run(['config', 'set', '--help']));
    expect(await run(['help'])).toEqual(await run(['--help']));
  });

  it.each<readonly [readonly string[], string]>([
    [['exce'], 'Did you mean exec?'],
    [['target'], 'Did you mean targets?'],
    [['config', 'sett'], 'Did you mean set?'],
  ])('does not exist for %j: %s', async (words, hint) => {
    expect(await run(['help', ...words])).toEqual({
      status: 2,
      stdout: '',
      stderr: `ecsh: There is no help for "${words.join(' ')}". [usage]\n  ${hint}\n`,
    });
  });

  it.each([['-h'], ['help'], ['help', 'exec'], ['exec', '-h', 'web']])(
    'succeeds, and runs nothing: %s %s',
    async (...argv) => {
      const app = new FakeApp();
      const { status, stderr } = await run(argv, app);
      expect([status, stderr, app.awsSettings]).toEqual([0, '', []]);
    },
  );

  it.each(['-V', '--version'])('%s prints the version', async (flag) => {
    expect(await run([flag])).toEqual({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
  });
});

describe('wrong usage', () => {
  const forExec = '  See  ecsh exec --help\n';
  it.each<readonly [readonly string[], number, string]>([
    [['exec', 'web', '-la'], 255, `Unknown option '-la'. [usage]\n${forExec}`],
    [
      ['cp'],
      255,
      'cp needs more words. [usage]\n  Type:  ecsh cp SOURCE... TARGET:/PATH\n  See  ecsh cp --help\n',
    ],
    [
      ['enable'],
      2,
      'enable needs SERVICE. [usage]\n  Type:  ecsh enable SERVICE\n  See  ecsh enable --help\n',
    ],
    [
      ['disable', 'prod', 'web'],
      2,
      'Too many arguments for disable: it takes 1, not 2. [usage]\n  Did you mean:  ecsh disable prod/web\n  See  ecsh disable --help\n',
    ],
    [
      ['config', 'use-context', 'prod'],
      2,
      "Unknown command 'use-context'. [usage]\n  Did you mean:  ecsh config set cluster prod\n  See  ecsh config --help\n",
    ],
    [
      ['config', 'target'],
      2,
      'config target needs a subcommand: add, list, or remove. [usage]\n  See  ecsh config --help\n',
    ],
    [
      ['config', 'set', 'cluster'],
      2,
      'config set needs VALUE. [usage]\n  Type:  ecsh config set KEY VALUE\n  See  ecsh config --help\n',
    ],
    [
      ['logging', 'prod'],
      2,
      "Unknown command 'prod'. [usage]\n  Did you mean:  ecsh logging show prod\n  See  ecsh logging --help\n",
    ],
    [
      ['exec', 'ls -la'],
      255,
      "There is no TARGET before the command. [usage]\n  Type:  ecsh exec --sh 'ls -la' TARGET\n",
    ],
    [['--bogus', 'web'], 255, "Unknown option '--bogus'. [usage]\n  See  ecsh --help\n"],
    [
      ['exce', 'web', '--', 'ls'],
      255,
      'There is no command exce. [usage]\n  Did you mean exec?  ecsh exec web -- ls\n',
    ],
    [
      ['simulat', '--port', '0'],
      255,
      'There is no command simulat. [usage]\n  Did you mean simulate?  ecsh simulate --port 0\n',
    ],
    [['conifg'], 255, 'There is no command conifg. [usage]\n  Did you mean config?  ecsh config\n'],
    [
      ['exec', '--timout', '1s', 'web'],
      255,
      "Unknown option '--timout'. [usage]\n  Did you mean --timeout?\n  See  ecsh exec --help\n",
    ],
    [
      ['shell', 'simulate', '--bogus'],
      255,
      "Unknown option '--bogus'. [usage]\n  See  ecsh shell --help\n",
    ],
    [
      ['exec', '--bogus', 'web', '--', 'simulate'],
      255,
      `Unknown option '--bogus'. [usage]\n${forExec}`,
    ],
    [
      ['simulate', '--bogus'],
      2,
      "Unknown option '--bogus'. [usage]\n  See  ecsh simulate --help\n",
    ],
    [
      ['config', 'gett'],
      2,
      "Unknown command 'gett'. [usage]\n  Did you mean get?\n  See  ecsh config --help\n",
    ],
    [
      ['logging'],
      2,
      'logging needs a subcommand: show or set. [usage]\n  See  ecsh logging --help\n',
    ],
    [
      ['config'],
      2,
      'config needs a subcommand: get, set, unset, target, list, path, or explain. [usage]\n  See  ecsh config --help\n',
    ],
    [
      ['-q', 'simulate', '--port', 'x'],
      2,
      "Option '--port <number>' argument 'x' is invalid. Give a port number from 0 to 65535. [usage]\n  See  ecsh simulate --help\n",
    ],
    [
      ['web', '--wait', 'soon'],
      255,
      "Option '--wait <time>' argument 'soon' is invalid. Give a time such as 30s, 5m or 1h. [usage]\n  See  ecsh --help\n",
    ],
    [
      ['ls', '--endpoint-url', 'localhost'],
      2,
      "Option '--endpoint-url <url>' argument 'localhost' is invalid. Give a URL such as http://127.0.0.1:8080. [usage]\n  See  ecsh ls --help\n",
    ],
  ])('%j: status %i, on stderr', async (argv, status, message) => {
    expect(await run(argv)).toEqual({ status, stdout: '', stderr: `ecsh: ${message}` });
  });
});

describe('an error', () => {
  it('is written to stderr with its code and a hint (T-8)', async () => {
    const remote = new FakeRemote([
      sampleTask('0f9de17a6465404e8b1b2356dc13c2f8', { enableExecuteCommand: false }),
    ]);
    const app = new FakeApp({ remote, terminal: new FakeTerminal() });
    expect(await run(['prod/web'], app)).toEqual({
      status: 255,
      stdout: '',
      stderr:
        'ecsh: ECS Exec was off when task 0f9de17a6465404e8b1b2356dc13c2f8 was launched, and a running task cannot be changed. [exec-disabled]\n' +
        '  Turn it on and replace the tasks:  ecsh enable prod/web\n',
    });
  });

  it('suggests a command only for a word that could be a command', async () => {
    expect((await run(['prod/exec'])).stderr).not.toContain('Did you mean');
    expect((await run(['shell', 'exce'])).stderr).not.toContain('Did you mean');
  });

  it('is written even with --quiet', async () => {
    const { status, stderr } = await run(['-q', 'prod/web'], failingApp());
    expect(status).toBe(255);
    expect(stderr).toMatch(/^ecsh: .*\[no-running-task\]\n/);
  });

  it('of the remote side determines the exit status', async () => {
    const remote = new FakeRemote();
    remote.onOpen = (agent) =>
      setImmediate(() =>
        agent.close(
          'Unable to start command: Failed to start pty: exec: "\u001b[31msh": executable file not found in $PATH',
        ),
      );
    const app = new FakeApp({ remote, terminal: new FakeTerminal() });
    const { status, stdout, stderr } = await run(['prod/web'], app);
    expect([status, stdout]).toEqual([127, '']);
    // Foreign text does not move the cursor.
    expect(stderr).toMatch(
      /^ecsh: The container has no program "\\x1b\[31msh"\. \[command-not-found\]\n/,
    );
  });

  it.each([
    [['exec', 'prod/web', '--', 'ls'], 255],
    [['ls', 'tasks', 'prod'], 1],
  ])(
    'of AWS exits with 255 only for commands that pass on a remote status: %j',
    async (argv, expected) => {
      const { ecs } = new FakeRemote().ports;
      const denied = () => Promise.reject(new EcshError('access-denied', 'No.'));
      const app = new FakeApp({ ecs: { ...(await ecs()), listTasks: denied } });
      const { status, stderr } = await run(argv, app);
      expect([status, stderr]).toEqual([expected, expect.stringContaining('No. [access-denied]')]);
    },
  );

  it('of another class is reported as a bug, with its stack trace', async () => {
    const app = new FakeApp({ runProgram: () => Promise.reject(new TypeError('x is not y')) });
    const { status, stdout, stderr } = await run(['simulate', '--', 'x'], app);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^ecsh: This is a bug in ecsh\. \[bug\]\nTypeError: x is not y\n +at /);
  });
});

describe('an error with --json', () => {
  const failure = (code: string, message: string, hint: string | null) =>
    `${JSON.stringify({ error: { code, message, hint } })}\n`;

  it('is one object on stdout, and a message on stderr as always', async () => {
    const { status, stdout, stderr } = await run(['--json', 'prod/web'], failingApp());
    expect([status, JSON.parse(stdout)]).toEqual([
      255,
      { error: { code: 'no-running-task', message: expect.any(String), hint: expect.any(String) } },
    ]);
    expect(stdout.indexOf('\n')).toBe(stdout.length - 1);
    expect(stderr).toMatch(/^ecsh: .*\[no-running-task\]\n/);
  });

  it('is an object with ECSH_JSON too, and for a bug', async () => {
    const app = new FakeApp({
      env: { ECSH_JSON: '1' },
      runProgram: () => Promise.reject(new TypeError('x is not y')),
    });
    const { status, stdout } = await run(['simulate', '--', 'x'], app);
    expect([status, stdout]).toEqual([1, failure('bug', 'x is not y', null)]);
  });

  it('is an object for wrong usage, unless --json belongs to the remote command', async () => {
    expect(await run(['--bogus', '--json'])).toEqual({
      status: 255,
      stdout: failure('usage', "Unknown option '--bogus'.", 'See  ecsh --help'),
      stderr: "ecsh: Unknown option '--bogus'. [usage]\n  See  ecsh --help\n",
    });
    const { stdout } = await run(['exec', '--bogus', 'web', '--', 'ls', '--json']);
    expect(stdout).toBe('');
  });
});

describe('notices on stderr', () => {
  /** Two tasks to choose from, and an agent that is starting. */
  function talkative(options: FakeAppOptions = {}): FakeApp {
    const remote = new FakeRemote([
      sampleTask('aaaa', { startedAt: new Date('2026-03-01T14:40:00Z') }),
      sampleTask('bbbb', { startedAt: new Date('2026-03-01T14:50:00Z') }),
    ]);
    return shellApp({ remote, ...options });
  }

  const NOTICE = 'Task bbbb, newest of 2 running tasks of service web.\n';
  const DETAIL = 'session ecs-execute-command-0f9de17a6465404e8\n';

  it.each<readonly [readonly string[], string]>([
    [[], NOTICE],
    [['--quiet'], ''],
    [['--verbose'], NOTICE + DETAIL],
  ])('%j', async (flags, expected) => {
    expect(await run([...flags, 'prod/web'], talkative())).toEqual({
      status: 0,
      stdout: '$ ',
      stderr: expected,
    });
  });

  it('report only once that ecsh waits', async () => {
    const app = shellApp();
    app.remote.failures.push(notConnected(), notConnected());
    const running = run(['prod/web'], app);
    await app.remote.clock.advance(3_000);
    expect(await running).toEqual({
      status: 0,
      stdout: '$ ',
      stderr: 'Waiting: The agent is not connected.\n',
    });
  });
});

describe('--debug', () => {
  const line = (text: string) => `2025-01-01T00:00:00.000Z +40ms ${text}\n`;
  const LOG = [
    'start',
    'target resolved',
    'ExecuteCommand answered',
    'websocket open',
    'data channel asked for',
    'session ecs-execute-command-0f9de17a6465404e8',
    'ready for input',
    'first output',
    'session ended',
  ]
    .map(line)
    .join('');

  it('logs each step to stderr, with the time since the process started', async () => {
    const { stderr } = await run(['prod/web', '--debug'], shellApp());
    expect(stderr).toBe(LOG);
  });

  it.each([
    [['ls']],
    [['doctor', 'prod/web']],
    [['enable', 'prod/web', '--dry-run']],
    [['logging', 'show', 'prod']],
    [['policy', 'caller', 'prod/web']],
  ])('logs AWS calls of %j, which opens no session', async (argv) => {
    const app = new FakeApp();
    const { aws } = app;
    app.aws = (settings) => {
      settings.onCredentials?.();
      settings.onCall?.('ListClusters answered in 12 ms');
      settings.onCredentials?.();
      return aws.call(app, settings);
    };
    const { stderr } = await run([...argv, '--debug'], app);
    const log = ['start', 'credentials', 'ListClusters answered in 12 ms'].map(line).join('');
    expect(stderr.slice(0, log.length)).toBe(log);
    expect(stderr.split(' credentials\n')).toHaveLength(2);
  });

  it('does not take the next word as its file', async () => {
    const app = shellApp();
    const { stderr } = await run(['--debug', 'prod/web'], app);
    expect([stderr, app.opened]).toEqual([LOG, []]);
  });

  it('logs to a file that is complete when the program exits', async () => {
    const disk: string[] = [];
    const slow = new Writable({
      write(chunk: Buffer, _encoding, done) {
        setTimeout(() => {
          disk.push(chunk.toString());
          done();
        }, 5);
      },
    });
    const app = shellApp({ appendTo: () => slow });
    expect(await run(['--debug=log.txt', 'prod/web'], app)).toEqual({
      status: 0,
      stdout: '$ ',
      stderr: '',
    });
    expect(app.opened).toEqual(['log.txt']);
    expect(disk.join('')).toBe(LOG);
  });

  it('logs the causes of an error', async () => {
    const file = new BufferStream();
    const cause = new TypeError('connect ECONNREFUSED');
    const app = shellApp({ appendTo: () => file });
    app.remote.failures.push(new EcshError('host-unreachable', 'No network.', { cause }));
    await run(['--debug=log.txt', 'prod/web'], app);
    expect(file.text).toBe(
      [
        'start',
        'target resolved',
        'EcshError: No network. [host-unreachable]',
        'TypeError: connect ECONNREFUSED',
      ]
        .map(line)
        .join(''),
    );
  });

  it('reports a file that cannot be written, and continues', async () => {
    const broken = new Writable({
      write: (_chunk, _encoding, done) => done(new Error('ENOSPC')),
    });
    const outcome = await run(
      ['--debug=log.txt', 'prod/web'],
      shellApp({ appendTo: () => broken }),
    );
    expect(outcome).toEqual({
      status: 0,
      stdout: '$ ',
      stderr: 'ecsh: Cannot write the debug log log.txt: ENOSPC. [debug-file-unwritable]\n',
    });
  });

  it('creates no file for ECSH_DEBUG unless a command runs', async () => {
    const app = new FakeApp({ env: { ECSH_DEBUG: 'log.txt' } });
    await run(['--help'], app);
    await run(['--bogus'], app);
    expect(app.opened).toEqual([]);
  });
});

describe('color', () => {
  it.each<readonly [string, readonly string[], Readonly<Record<string, string>>, boolean]>([
    ['on a terminal', [], {}, true],
    ['with NO_COLOR', [], { NO_COLOR: '1' }, false],
    ['with --color never', ['--color', 'never'], {}, false],
    ['with --color always and NO_COLOR', ['--color', 'always'], { NO_COLOR: '1' }, true],
    ['with ECSH_COLOR', [], { ECSH_COLOR: 'never' }, false],
  ])('%s', async (_, flags, env, isColored) => {
    const app = failingApp({ env });
    app.stderr.isTTY = true;
    const { stderr } = await run([...flags, 'prod/web'], app);
    expect(stderr.startsWith('\u001b[31mecsh:\u001b[39m')).toBe(isColored);
  });

  it('is not used elsewhere', async () => {
    const { stderr } = await run(['prod/web'], failingApp());
    expect(stderr).not.toContain('\u001b');
  });
});
