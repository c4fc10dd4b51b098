import { describe, expect, it } from 'vitest';
import { addExecCommand } from '#commands/exec/exec-command.ts';
import { splitShellWords } from '#simulator/container/shell-words.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { FakeTerminal } from '#test/fakes/fake-terminal.ts';
import { FakeApp, run } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';

/** The options of `ecsh exec web -- ls`; a new flag with a default adds a line here. */
const DEFAULTS = {
  target: 'web',
  command: ['ls'],
  color: 'auto',
  env: [],
  envFile: [],
  envFrom: [],
  shell: true,
  share: true,
  outputEncoding: 'auto',
  killAfter: 5_000,
  wait: 0,
  retries: 0,
  resumeLimit: 60_000,
  escapeChar: '~',
  parallel: 16,
  prefix: true,
};

describe('the flags of ecsh exec', () => {
  it.each<readonly [readonly string[], object]>([
    [[], {}],
    [['-i'], { interactive: true }],
    [['-t'], { tty: true }],
    [['-it'], { interactive: true, tty: true }],
    [['-T'], { tty: false }],
    [['-e', 'A=1', '--env', 'B'], { env: ['A=1', 'B'] }],
    [['--env-file', 'a', '--env-file', 'b'], { envFile: ['a', 'b'] }],
    [['--env-from', 'a', '--env-from', 'b'], { envFrom: ['a', 'b'] }],
    [['-w', '/srv'], { workdir: '/srv' }],
    [['-u', 'app:app'], { user: 'app:app' }],
    [['--sh', 'echo "$1"'], { sh: 'echo "$1"' }],
    [['--no-shell'], { shell: false }],
    [['--timeout', '30s'], { timeout: 30_000 }],
    [['--kill-after', '1m'], { killAfter: 60_000 }],
    [['--stderr', 'merge'], { stderr: 'merge' }],
    [['--output-encoding', 'raw'], { outputEncoding: 'raw' }],
    [['--json'], { json: true }],
    [['--wait', '2m', '--retries', '3'], { wait: 120_000, retries: 3 }],
    [['--resume-limit', '0'], { resumeLimit: 0 }],
    [['--keepalive', '10m'], { keepalive: 600_000 }],
    [['--escape-char', '^'], { escapeChar: '^' }],
    [['--all', '--parallel', '8'], { all: true, parallel: 8 }],
    [['--all', '--prefix'], { all: true, prefix: true }],
    [['--no-prefix', '--fail-fast'], { prefix: false, failFast: true }],
    [['-C', 'prod', '-c', 'app', '-q'], { cluster: 'prod', container: 'app', quiet: true }],
  ])('%j', async (flags, expected) => {
    const options = await optionsOf(addExecCommand, ['exec', ...flags, 'web', '--', 'ls']);
    expect(defined(options)).toEqual({ ...DEFAULTS, ...expected });
  });
});

describe('the arguments of ecsh exec', () => {
  it.each<readonly [readonly string[], object]>([
    [['web', '--', 'ls', '-l', '--all', '-v'], { command: ['ls', '-l', '--all', '-v'] }],
    [
      ['web', '-i', '--', 'sh', '-c', 'cat -- "$1"', '--', 'x'],
      { command: ['sh', '-c', 'cat -- "$1"', '--', 'x'], interactive: true },
    ],
    [['web', '--', '--version'], { command: ['--version'] }],
    [['web', '--', ''], { command: [''] }],
    [['web', 'ls', '-l', '--all'], { command: ['ls', '-l', '--all'] }],
    [['web', '-i', 'grep', '-i', 'x'], { command: ['grep', '-i', 'x'], interactive: true }],
    [['web', '--sh', 'uptime'], { command: [], sh: 'uptime' }],
    [['web', '--', 'exec', 'simulate'], { command: ['exec', 'simulate'] }],
  ])('%j', async (words, expected) => {
    const options = await optionsOf(addExecCommand, ['exec', ...words]);
    expect(defined(options)).toEqual({ ...DEFAULTS, ...expected });
  });

  it.each<readonly [readonly string[], string]>([
    [['web', '-la'], 'commander.unknownOption'],
    [['--bogus', 'web', '--', 'ls'], 'commander.unknownOption'],
    [['--timeout', 'soon', 'web', '--', 'ls'], 'commander.invalidArgument'],
    [['--kill-after', '-1', 'web', '--', 'ls'], 'commander.invalidArgument'],
    [['--wait', '99d', 'web', '--', 'ls'], 'commander.invalidArgument'],
    [['--stderr', 'drop', 'web', '--', 'ls'], 'commander.invalidArgument'],
    [['--output-encoding', 'rot13', 'web', '--', 'ls'], 'commander.invalidArgument'],
    [['--parallel', '0', 'web', '--', 'ls'], 'commander.invalidArgument'],
  ])('%j are rejected: %s', async (words, code) => {
    await expect(optionsOf(addExecCommand, ['exec', ...words])).rejects.toMatchObject({ code });
  });
});

describe('flags that exclude each other', () => {
  it.each<readonly [readonly string[], string]>([
    [['-t', '--json'], '--json reports stdout and stderr separately, and -t merges them.'],
    [['-t', '--all'], 'With --all, several commands cannot share one terminal: leave out -t.'],
    [['-i', '--all'], 'With --all, several commands cannot share one stdin: leave out -i.'],
    [['--no-shell', '-i'], '--interactive needs a shell in the container: leave out --no-shell.'],
    [['--no-shell', '-e', 'A=1'], 'Variables need a shell in the container: leave out --no-shell.'],
  ])('%j', async (flags, message) => {
    const app = new FakeApp({ terminal: new FakeTerminal() });
    expect(await run(['exec', ...flags, 'web', '--', 'ls'], app)).toEqual({
      status: 255,
      stdout: flags.includes('--json') ? expect.stringContaining('"code":"usage"') : '',
      stderr: `ecsh: ${message} [usage]\n  Examples:  ecsh exec --help\n`,
    });
    expect(app.awsSettings).toEqual([]);
  });

  it('and a missing command', async () => {
    const { status, stderr } = await run(['exec', 'web']);
    expect([status, stderr.split('\n')[0]]).toEqual([
      255,
      'ecsh: There is no command to run. [usage]',
    ]);
  });

  it('and -t without a terminal, before any AWS call', async () => {
    const app = new FakeApp();
    expect(await run(['exec', '-t', 'web', '--', 'ls'], app)).toEqual({
      status: 255,
      stdout: '',
      stderr:
        'ecsh: -t needs a terminal as stdin and stdout. [not-a-terminal]\n' +
        '  Leave out -t: output and status are exact without it.\n',
    });
    expect(app.awsSettings).toEqual([]);
  });
});

describe('ecsh exec --sh', () => {
  it('rejects a script that is too long, before any AWS call', async () => {
    const app = new FakeApp();
    const { status, stderr } = await run(['exec', '--sh', 'x'.repeat(131_072), 'web'], app);
    expect([status, stderr]).toEqual([255, expect.stringContaining('[command-too-long]')]);
    expect(app.awsSettings).toEqual([]);
  });
});

describe('ecsh exec -t', () => {
  it('runs the command on the terminal, with variables from files and flags', async () => {
    const remote = new FakeRemote();
    remote.onOpen = (agent) =>
      setImmediate(() => {
        agent.output(`\u001b]ecsh;${remote.nonce};go\u0007`);
        setImmediate(() => {
          agent.output('done\r\n');
          remote.reportStatus(3);
          agent.close();
        });
      });
    const app = new FakeApp({
      remote,
      terminal: new FakeTerminal(),
      env: { TERM: 'xterm', HOME: '/home/me' },
      files: { '.env': 'A=file\nB=1\n', more: 'B=2\nNODE_OPTIONS=\n' },
    });
    const flags = ['-t', '--env-file', '.env', '--env-from', 'more', '-e', 'A=flag', '-e', 'HOME'];
    expect(await run(['exec', ...flags, 'prod/web', '--', 'env', '-0'], app)).toEqual({
      status: 3,
      stdout: 'done\r\n',
      stderr: '',
    });
    expect(remote.agent.input).toBe(
      ':1B5\n:2VA=flag\n:3VB=2\n:4VNODE_OPTIONS=\n:5VHOME=\\0057home\\0057me\n:6V\n',
    );
    const words = splitShellWords(remote.requests[0]?.command ?? '');
    expect(words.slice(-2)).toEqual(['env', '-0']);
    expect(remote.requests[0]?.command).not.toContain('flag');
  });

  it.each(['--env-from', '--env-file'])(
    'fails for an unreadable environment file: %s',
    async (flag) => {
      const { status, stderr } = await run(['exec', flag, 'gone', 'web', '--', 'ls']);
      expect([status, stderr]).toEqual([255, 'ecsh: Cannot read gone. [file-unreadable]\n']);
    },
  );

  it.each(['NODE_OPTIONS=--no-warnings', 'A=1\r\n export NODE_OPTIONS = "x"\n'])(
    'rejects a file from which Node.js has taken options for itself: %j',
    async (content) => {
      const app = new FakeApp({ files: { '.env': content } });
      expect(await run(['exec', '--env-file', '.env', 'web', '--', 'ls'], app)).toEqual({
        status: 255,
        stdout: '',
        stderr:
          'ecsh: .env sets NODE_OPTIONS, which Node.js has applied to ecsh itself. [env-invalid]\n' +
          '  Give it with --env-from, which Node.js does not look at:  ecsh exec --env-from .env …\n',
      });
      expect(app.awsSettings).toEqual([]);
    },
  );
});
