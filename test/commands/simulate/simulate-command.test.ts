import { beforeAll, describe, expect, it } from 'vitest';
import { FAREWELL, WELCOME } from '#commands/simulate/guided-shell.ts';
import { addSimulateCommand } from '#commands/simulate/simulate-command.ts';
import { FakeTerminal } from '#test/fakes/fake-terminal.ts';
import { settle } from '#test/fakes/manual-clock.ts';
import { FakeApp, run, runUntil } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';

describe('the arguments of ecsh simulate', () => {
  it.each<readonly [readonly string[], object]>([
    [['simulate'], { command: [], port: 0, color: 'auto' }],
    [['simulate', '--port', '4566'], { command: [], port: 4566, color: 'auto' }],
    [['simulate', '--fleet', 'f.json'], { command: [], port: 0, fleet: 'f.json', color: 'auto' }],
    [
      ['simulate', '--', 'ecsh', 'exec', '-i', 'web', '--', 'ls', '-v'],
      {
        command: ['ecsh', 'exec', '-i', 'web', '--', 'ls', '-v'],
        port: 0,
        color: 'auto',
      },
    ],
  ])('%j', async (argv, expected) => {
    expect(defined(await optionsOf(addSimulateCommand, argv))).toEqual(expected);
  });

  it.each(['-1', '65536', 'http', '', '1.5'])('reject "%s" as a port', async (port) => {
    await expect(
      optionsOf(addSimulateCommand, ['simulate', `--port=${port}`]),
    ).rejects.toMatchObject({
      code: 'commander.invalidArgument',
    });
  });
});

// Loaded in advance, because the first import takes longer than the tests wait for a signal.
beforeAll(() => import('#commands/simulate/run-simulate.ts'));

describe('ecsh simulate', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'prints the variables to export, and serves until %s',
    async (signal) => {
      const app = new FakeApp();
      expect(await runUntil(signal, ['simulate'], app)).toEqual({
        status: 0,
        stdout: 'export AWS_ENDPOINT_URL=http://127.0.0.1:4566\nexport AWS_REGION=us-east-1\n',
        stderr:
          'Simulating AWS until Ctrl-C. Set the variables above in another terminal:\n' +
          '  ecsh demo/web\n',
      });
      expect(app.stoppedSimulators).toBe(1);
      // A second Ctrl-C ends a simulator that does not stop.
      expect(app.signals.handled).toEqual([]);
    },
  );

  it('runs one command with the variables, and exits with its status', async () => {
    const ran: unknown[] = [];
    const app = new FakeApp({
      runProgram: async (argv, environment) => {
        ran.push({ argv, environment });
        return 3;
      },
    });
    expect(await run(['simulate', '--', 'ecsh', 'shell', 'demo/web'], app)).toEqual({
      status: 3,
      stdout: '',
      stderr: '',
    });
    expect(ran).toEqual([
      {
        argv: ['ecsh', 'shell', 'demo/web'],
        environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', AWS_REGION: 'us-east-1' },
      },
    ]);
    expect(app.stoppedSimulators).toBe(1);
  });

  it.each([
    ['bash', { PROMPT_COMMAND: `PS1="(simulate) \${PS1#'(simulate) '}"` }],
    ['/usr/bin/dash', { PS1: '(simulate) $ ' }],
  ])('greets a user who starts %s, and changes the prompt', async (shell, variables) => {
    const ran: unknown[] = [];
    const app = new FakeApp({
      terminal: new FakeTerminal(),
      runProgram: async (_, environment) => {
        ran.push(environment);
        return 0;
      },
    });
    const { stderr } = await run(['simulate', '--', shell], app);
    expect(stderr.split('\n')).toEqual([...WELCOME, FAREWELL, '']);
    expect(ran).toEqual([
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', AWS_REGION: 'us-east-1', ...variables },
    ]);
  });

  it('prints nothing to a script or without a terminal', async () => {
    const quiet = { runProgram: async () => 0 };
    const interactive = new FakeApp({ ...quiet, terminal: new FakeTerminal() });
    expect((await run(['simulate', '--', 'bash', '-c', 'true'], interactive)).stderr).toBe('');
    expect((await run(['simulate', '--', 'bash'], new FakeApp(quiet))).stderr).toBe('');
  });

  it('reads the fleet, listens on the given address, and logs calls with --verbose', async () => {
    const app = new FakeApp({ files: { 'fleet.json': '{"clusters":[]}' } });
    const argv = ['simulate', '--fleet', 'fleet.json', '--port', '4566', '-v'];
    const { stderr } = await runUntil('SIGINT', argv, app);
    const [settings] = app.simulators;
    expect([settings?.fleet, settings?.port]).toEqual(['{"clusters":[]}', 4566]);
    expect(stderr.split('\n')[0]).toBe('listening');
  });

  it('stops the simulator if the command cannot be run', async () => {
    const app = new FakeApp({ runProgram: () => Promise.reject(new Error('no such program')) });
    const { status } = await run(['simulate', '--', 'nope'], app);
    await settle();
    expect(status).toBe(1);
    expect(app.stoppedSimulators).toBe(1);
  });
});
