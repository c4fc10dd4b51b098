import { describe, expect, it } from 'vitest';
import { addShellCommand } from '#commands/shell/shell-command.ts';
import { splitShellWords } from '#simulator/container/shell-words.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { FakeTerminal } from '#test/fakes/fake-terminal.ts';
import { ScriptedPrompts } from '#test/fakes/scripted-prompts.ts';
import { FakeApp, run } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';

const DEFAULTS = {
  color: 'auto',
  env: [],
  wait: 0,
  retries: 0,
  resumeLimit: 60_000,
  escapeChar: '~',
};

describe('the arguments of ecsh shell', () => {
  it.each<readonly [readonly string[], object]>([
    [['shell', 'prod/web'], { target: 'prod/web' }],
    [['prod/web'], { target: 'prod/web' }],
    [['-w', '/srv', 'web'], { target: 'web', workdir: '/srv' }],
    [['web', '--wait', '2m', '--retries', '3'], { target: 'web', wait: 120_000, retries: 3 }],
    [['web', '--resume-limit', '5s'], { target: 'web', resumeLimit: 5_000 }],
    [['web', '--keepalive', '10m'], { target: 'web', keepalive: 600_000 }],
    [['web', '--escape-char', 'none'], { target: 'web', escapeChar: 'none' }],
    [['shell', 'exec'], { target: 'exec' }],
    [['-it', 'web'], { target: 'web', interactive: true, tty: true }],
    [
      ['-u', 'app', '-e', 'A=1', '--shell', 'zsh', 'web'],
      { target: 'web', user: 'app', env: ['A=1'], shell: 'zsh' },
    ],
    [['shell'], {}],
    [['--pick', 'prod/web'], { target: 'prod/web', pick: true }],
  ])('%j', async (argv, expected) => {
    expect(defined(await optionsOf(addShellCommand, argv))).toEqual({ ...DEFAULTS, ...expected });
  });

  it.each<readonly [readonly string[], string]>([
    [['shell', 'web', '--bogus'], 'commander.unknownOption'],
    [['shell', 'web', '--wait', 'soon'], 'commander.invalidArgument'],
    [['shell', 'web', '--retries', '-1'], 'commander.invalidArgument'],
    [['shell', 'web', '--escape-char', 'ab'], 'commander.invalidArgument'],
    [['shell', 'web', '--color', 'pink'], 'commander.invalidArgument'],
  ])('%j are rejected: %s', async (argv, code) => {
    await expect(optionsOf(addShellCommand, argv)).rejects.toMatchObject({ code });
  });
});

describe('ecsh shell', () => {
  it('opens a shell and exits with its status', async () => {
    const remote = new FakeRemote();
    remote.onOpen = (agent) =>
      setImmediate(() => {
        agent.output('$ ');
        remote.reportStatus(7);
        agent.close();
      });
    const terminal = new FakeTerminal();
    const app = new FakeApp({ remote, terminal, env: { TERM: 'xterm' } });
    const outcome = await run(['-w', '/srv', '--region', 'eu-west-1', 'prod/web'], app);
    expect(outcome).toEqual({ status: 7, stdout: '$ ', stderr: '' });
    const words = splitShellWords(remote.requests[0]?.command ?? '');
    expect(words.slice(3)).toEqual(['ecsh', remote.nonce, '', 'xterm', '30', '100', '/srv']);
    expect(app.awsSettings).toMatchObject([
      { region: 'eu-west-1', profile: undefined, endpointUrl: undefined },
    ]);
    expect(terminal.isRaw).toBe(false);
  });

  it('requires a terminal, before any AWS call', async () => {
    const app = new FakeApp();
    expect(await run(['prod/web'], app)).toEqual({
      status: 255,
      stdout: '',
      stderr:
        'ecsh: A shell needs a terminal as stdin and stdout. [not-a-terminal]\n' +
        '  Without one, run a command:  ecsh prod/web COMMAND\n' +
        '  To run a script from stdin:  ecsh prod/web sh < script.sh\n',
    });
    expect(app.awsSettings).toEqual([]);
  });

  it('requires a target if there is no user to ask', async () => {
    expect(await run([], new FakeApp({ terminal: new FakeTerminal() }))).toEqual({
      status: 255,
      stdout: '',
      stderr:
        'ecsh: This needs a terminal to choose on. [not-a-terminal]\n' +
        '  Name the task instead:  ecsh CLUSTER/TASK\n',
    });
    expect(await run([], new FakeApp({ prompts: new ScriptedPrompts() }))).toEqual({
      status: 255,
      stdout: '',
      stderr:
        'ecsh: There is no TARGET. [usage]\n' +
        '  Name it, for example prod/web; at a terminal  ecsh  alone lets you choose.\n',
    });
  });

  it('uses the region of an ARN', async () => {
    const remote = new FakeRemote();
    const env = { ECSH_REGION: 'us-east-1' };
    const app = new FakeApp({ remote, terminal: new FakeTerminal(), env });
    await run(['arn:aws:ecs:eu-central-1:123456789012:task/other/aaaa'], app);
    expect(app.awsSettings[0]?.region).toBe('eu-central-1');
  });
});
