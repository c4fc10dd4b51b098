import { describe, expect, it } from 'vitest';
import { addForwardCommand } from '#commands/forward/forward-command.ts';
import type { ForwardCommandOptions } from '#commands/forward/forward-plan.ts';
import { FakeMachine } from '#test/fakes/fake-local.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { settle } from '#test/fakes/manual-clock.ts';
import { FakeApp, type FakeAppOptions, type Outcome, run } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';

const DEFAULTS = {
  color: 'auto',
  wait: 0,
  retries: 0,
  resumeLimit: 60_000,
  address: 'localhost',
  via: 'auto',
  command: [],
};

const parse = (...argv: string[]) => optionsOf<ForwardCommandOptions>(addForwardCommand, argv);

describe('the words of ecsh forward', () => {
  it.each([
    ['forward prod/web 8080:80 :db:5432', { words: ['prod/web', '8080:80', ':db:5432'] }],
    [
      'forward prod/web 80 -- psql -h localhost',
      { words: ['prod/web', '80'], command: ['psql', '-h', 'localhost'] },
    ],
    ['forward --pick 8080:80', { pick: true, words: ['8080:80'] }],
    [
      'forward -L 8080:db:80 -L 0.0.0.0:81:db:81 -D 1080 --via exec prod/web',
      {
        words: ['prod/web'],
        local: ['8080:db:80', '0.0.0.0:81:db:81'],
        dynamic: ['1080'],
        via: 'exec',
      },
    ],
    ['forward -N -L 80:db:80 prod/web', { words: ['prod/web'], local: ['80:db:80'], N: true }],
    ['forward prod/web --stdio db:22', { words: ['prod/web'], stdio: 'db:22' }],
    [
      'forward --address 0.0.0.0 --keepalive 5m prod/web 80',
      { words: ['prod/web', '80'], address: '0.0.0.0', keepalive: 300_000 },
    ],
  ])('%s', async (line, options) => {
    expect(defined(await parse(...line.split(' ')))).toEqual({ ...DEFAULTS, ...options });
  });
});

describe('ecsh forward', () => {
  it('prints the forwards, and runs until Ctrl-C', async () => {
    const { outcome } = await interrupted(['prod/web', '8080:80', ':db.internal:5432']);
    expect(outcome).toEqual({
      status: 130,
      stdout: '',
      stderr: [
        'Forwarding 127.0.0.1:8080 -> web/0f9de17a:80',
        'Forwarding 127.0.0.1:40001 -> db.internal:5432 through web/0f9de17a',
        '',
      ].join('\n'),
    });
  });

  it('prints one line with --json, without fetching the configuration or a key', async () => {
    const { outcome, machine } = await interrupted(['--json', '-q', 'prod/web', ':80']);
    expect(outcome).toMatchObject({ status: 130, stderr: '' });
    expect(JSON.parse(outcome.stdout)).toEqual({
      cluster: 'prod',
      task: 'arn:aws:ecs:us-east-1:123456789012:task/prod/0f9de17a6465404e8b1b2356dc13c2f8',
      container: 'app',
      forwards: [
        {
          addresses: ['127.0.0.1', '::1'],
          localPort: 40_001,
          host: null,
          port: 80,
          sessionId: 'port-session-1',
        },
      ],
    });
    expect(machine.openPorts).toEqual([]);
  });

  it('exits with 141 if the reader of that line closes the pipe', async () => {
    const { app, machine } = world();
    const running = run(['forward', '--json', 'prod/web', ':80'], app);
    await rest();
    app.stdout.destroy();
    expect((await running).status).toBe(141);
    expect(app.remote.terminated).toEqual(['port-session-1']);
    expect(machine.openPorts).toEqual([]);
  });

  it('runs a local command with the ports in its environment', async () => {
    const ran: unknown[] = [];
    const { app } = world({
      runProgram: async (argv, environment) => {
        ran.push({ argv, environment });
        return 7;
      },
    });
    const running = run(['forward', '-q', 'prod/web', ':80', '81', '--', 'psql', '-q'], app);
    await rest();
    await app.remote.clock.advance(1_000);
    expect(await running).toEqual({ status: 7, stdout: '', stderr: '' });
    expect(ran).toEqual([
      { argv: ['psql', '-q'], environment: { ECSH_PORT: '40001', ECSH_PORT_2: '81' } },
    ]);
  });

  it('reads a first argument that looks like a port as one with --pick', async () => {
    const { app } = world();
    const { stderr } = await run(['forward', '--pick', '8080:80', '81'], app);
    // There is no user to choose a target, so ecsh must have looked for one.
    expect(stderr).toContain('[not-a-terminal]');
    const { outcome, machine } = await interrupted(['prod/web', '8080:80', '81']);
    expect(outcome.status).toBe(130);
    expect(machine.requests.map(({ port }) => port)).toEqual([8080, 81]);
  });

  it('listens on --address, and warns if other machines can reach it', async () => {
    const open = await interrupted(['--address', '0.0.0.0', 'prod/web', '80']);
    expect(open.machine.requests).toEqual([{ addresses: ['0.0.0.0'], port: 80 }]);
    expect(open.outcome.stderr.split('\n')[0]).toBe(
      'Other machines that can reach 0.0.0.0 of this one can connect too.',
    );
    const own = await interrupted(['--address', '[::1]', 'prod/web', '80']);
    expect(own.machine.requests).toEqual([{ addresses: ['::1'], port: 80 }]);
    expect(own.outcome.stderr).toBe('Forwarding [::1]:80 -> web/0f9de17a:80\n');
  });

  it.each([
    ['*', ['0.0.0.0', '::']],
    ['127.0.0.1,::,*', ['0.0.0.0', '::']],
    ['localhost,0.0.0.0', ['0.0.0.0', '::1']],
    ['::', ['::']],
    ['localhost', ['127.0.0.1', '::1']],
    ['localhost,10.0.0.5,[::1]', ['127.0.0.1', '::1', '10.0.0.5']],
  ])('listens with --address %s like ssh and kubectl', async (address, addresses) => {
    const { machine } = await interrupted(['--address', address, 'prod/web', '80']);
    expect(machine.requests).toEqual([{ addresses, port: 80 }]);
  });

  it.each([
    [[], 'usage'],
    [['prod/web'], 'usage'],
    [['prod/web', '--', 'psql'], 'usage'],
    [['--pick'], 'usage'],
    [['--pick', 'prod/web'], 'usage'],
    [['prod/web', 'http'], 'forward-invalid'],
    [['prod/web', '169.254.169.254:80'], 'destination-forbidden'],
    [['prod/web', '80', '80:81'], 'usage'],
    [['prod/web', '-R', '80:localhost:80'], 'usage'],
    [['8080:80', 'prod/web'], 'usage'],
    [['prod/web', '-L', '80:/run/x.sock'], 'forward-invalid'],
    [['prod/web', '-D', 'x'], 'forward-invalid'],
    [['prod/web', '80', '--stdio', '22'], 'usage'],
    [['--address', 'my.host', 'prod/web', '80'], 'address-unusable'],
    [['--address', '127.0.0.1,', 'prod/web', '80'], 'address-unusable'],
    [['--json', 'prod/web', '80', '--', 'true'], 'usage'],
  ])('makes no AWS call for invalid arguments: %j', async (words, code) => {
    const { app } = world();
    const { status, stderr } = await run(['forward', ...words], app);
    expect(status).toBe(255);
    expect(stderr).toContain(`[${code}]`);
    expect(app.awsSettings).toEqual([]);
  });
});

function world(options: FakeAppOptions = {}) {
  const machine = new FakeMachine();
  const remote = new FakeRemote();
  remote.onOpen = (agent) => setImmediate(() => agent.openPort());
  return { machine, app: new FakeApp({ remote, listen: machine.listen, ...options }) };
}

async function interrupted(words: readonly string[]) {
  const { machine, app } = world();
  const running: Promise<Outcome> = run(['forward', ...words], app);
  await rest();
  app.signals.send('SIGINT');
  return { outcome: await running, machine };
}

/** Waits until nothing more happens by itself; loads the run function first. */
async function rest(): Promise<void> {
  await import('#commands/forward/run-forward.ts');
  for (let turn = 0; turn < 20; turn++) await settle();
}
