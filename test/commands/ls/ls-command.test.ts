import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addLsCommand } from '#commands/ls/ls-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { Task } from '#domain/resolve/task.ts';
import { type FakeEcs, fakeEcs } from '#test/fakes/fake-ecs.ts';
import { fakeInventory, sampleCluster, sampleService } from '#test/fakes/fake-inventory.ts';
import { FakeTerminal } from '#test/fakes/fake-terminal.ts';
import { settle } from '#test/fakes/manual-clock.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { FakeApp, type FakeAppOptions, run, runUntil } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';

const ID_A = 'aaaa0000000000000000000000000001';
const ID_B = 'bbbb0000000000000000000000000002';
const ID_C = 'cccc0000000000000000000000000003';
const ID_D = 'dddd0000000000000000000000000004';
/** The manual clock starts on 2025-01-01. */
const HOUR_AGO = new Date(Date.UTC(2024, 11, 31, 23));
const TWO_DAYS_AGO = new Date(Date.UTC(2024, 11, 30));

const DEFAULTS = { color: 'auto', header: true, interval: 2_000, tag: [] };

describe('the words of ecsh ls', () => {
  it.each<readonly [readonly string[], object]>([
    [['ls'], {}],
    [['ls', 'prod'], { place: 'prod' }],
    [['ls', 'tasks'], { kind: 'tasks' }],
    [['ls', 'tasks', 'prod/web'], { kind: 'tasks', place: 'prod/web' }],
    [['ls', 'services', 'services'], { kind: 'services', place: 'services' }],
    [['ls', '--tag', 'a=b', '--tag', 'c'], { tag: ['a=b', 'c'] }],
    [['ls', '-w'], { watch: true }],
    [['ls', '--interval', '5'], { watch: true, interval: 5_000 }],
    [['ls', '--status', 'all', '--service', 's'], { status: 'all', service: 's' }],
    [['ls', '-a', 'prod/web'], { place: 'prod/web', all: true }],
    [['ls', '--names', '--wide', '--no-header'], { names: true, wide: true, header: false }],
  ])('%j', async (argv, expected) => {
    expect(defined(await optionsOf(addLsCommand, argv))).toEqual({ ...DEFAULTS, ...expected });
  });

  it.each([
    [['ls', 'nodes', 'prod'], 'ecsh cannot list "nodes".'],
    [['ls', 'clusters', '--service', 'web'], '--service does not narrow a list of clusters.'],
    [['ls', 'services', '--status', 'running'], '--status does not narrow a list of services.'],
    [
      ['ls', 'clusters', 'prod/web'],
      'A list of clusters takes the name of a cluster, not of a service or task.',
    ],
    [['ls', 'services', `prod/${ID_A}`], 'A task has no services: list its containers.'],
    [
      ['ls', 'prod/web', '--service', 'api'],
      'The place says service "web" and --service says "api".',
    ],
    [['ls', 'tasks', 'prod', '-A'], '--all-clusters looks into every cluster: name none.'],
    [['ls', 'pr*d'], '"pr*d" is not the name of a cluster.'],
    [['ls', 'tasks', 'prod', '--service', ''], '--service needs a name.'],
    [['ls', 'tasks', 'prod', '--family='], '--family needs a name.'],
    [['ls', 'tasks', 'prod', '--tag', '=shop'], '--tag needs a name.'],
    [['ls', '--interval', '10ms'], 'Give a second or more.'],
    [['ls', 'a', 'b', 'c'], 'Too many arguments'],
    [['ls', '--status', 'busy'], 'Allowed choices are running, pending, stopped, all.'],
  ])('%j are rejected with status 2', async (argv, message) => {
    const app = new FakeApp();
    const { status, stdout, stderr } = await run(argv, app);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});

const READY = sampleTask(ID_A, { createdAt: HOUR_AGO });
const OFF = sampleTask(ID_B, {
  createdAt: TWO_DAYS_AGO,
  group: 'family:site',
  enableExecuteCommand: false,
  containers: [sampleContainer('app', { managedAgents: [] })],
  tags: [{ key: 'team', value: 'shop' }],
});
const STOPPED = sampleTask(ID_C, {
  lastStatus: 'STOPPED',
  desiredStatus: 'STOPPED',
  stoppedReason: 'Scaling activity initiated by deployment ecs-svc/1',
});

const INVENTORY = {
  clusters: [
    sampleCluster('prod', { tags: [{ key: 'env', value: 'prod' }] }),
    sampleCluster('tools', { activeServicesCount: 0 }),
  ],
  services: [
    sampleService('web', { desiredCount: 2, createdAt: TWO_DAYS_AGO }),
    sampleService('api', {
      enableExecuteCommand: false,
      launchType: undefined,
      capacityProviders: ['FARGATE_SPOT'],
      createdAt: HOUR_AGO,
      tags: [{ key: 'team', value: 'shop' }],
    }),
  ],
};

interface World {
  readonly app: FakeApp;
  readonly ecs: FakeEcs;
  readonly calls: () => readonly string[];
}

/** Cluster `prod` with services web and api and these tasks, and an empty cluster `tools`. */
function world(
  tasks: readonly Task[] = [READY, OFF, STOPPED],
  options: FakeAppOptions = {},
): World {
  const ecs = fakeEcs({ clusters: { prod: tasks, tools: [] }, services: ['web', 'api'] });
  const inventory = fakeInventory(INVENTORY);
  const app = new FakeApp({ ecs, inventory, ...options });
  return { app, ecs, calls: () => [...ecs.calls, ...inventory.calls] };
}

async function stdoutOf(argv: readonly string[], tasks?: readonly Task[]): Promise<string> {
  const { status, stdout, stderr } = await run(argv, world(tasks).app);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

/** Returns the first column of each line below the header. */
function firstCells(stdout: string): readonly string[] {
  const lines = stdout.trimEnd().split('\n').slice(1);
  return lines.map((line) => line.split(' ')[0] ?? '');
}

describe('ecsh ls prints', () => {
  it.each([{ argv: ['ls'] }, { argv: ['ls', 'clusters'] }])('clusters: $argv', async ({ argv }) => {
    expect(await stdoutOf(argv)).toBe(
      'CLUSTER  STATUS  SERVICES  RUNNING  PENDING  INSTANCES\n' +
        'prod     ACTIVE         1        1        0          0\n' +
        'tools    ACTIVE         0        1        0          0\n',
    );
  });

  it.each([
    { argv: ['ls', 'prod'] },
    { argv: ['ls', '-C', 'prod'] },
    { argv: ['ls', 'services', 'prod/'] },
    { argv: ['ls', 'arn:aws:ecs:us-east-1:123456789012:cluster/prod'] },
  ])('services of a cluster: $argv', async ({ argv }) => {
    expect(await stdoutOf(argv)).toBe(
      'SERVICE  STATUS  RUNNING  PENDING  EXEC   DEPLOYMENT  TASK DEFINITION  LAUNCH        AGE\n' +
        'api      ACTIVE      1/1        0  off                api:1            FARGATE_SPOT  60m\n' +
        'web      ACTIVE      1/2        0  ready              web:1            FARGATE        2d\n',
    );
  });

  it('tasks in the order in which ecsh would choose them, with their exec state', async () => {
    const newer = sampleTask(ID_D, { createdAt: HOUR_AGO, startedAt: new Date() });
    expect(await stdoutOf(['ls', 'tasks', 'prod'], [READY, OFF, STOPPED, newer])).toBe(
      'TASK                              SERVICE      STATUS   EXEC           CONTAINERS  TASK DEFINITION  LAUNCH   AGE\n' +
        `${ID_B}  family:site  RUNNING  exec-disabled  app         site:42          FARGATE   2d\n` +
        `${ID_D}  web          RUNNING  ready          app         site:42          FARGATE  60m\n` +
        `${ID_A}  web          RUNNING  ready          app         site:42          FARGATE  60m\n`,
    );
  });

  it('containers, and why some cannot be entered', async () => {
    expect(await stdoutOf(['ls', 'containers', 'prod'])).toBe(
      'TASK                              SERVICE      CONTAINER  STATUS   HEALTH  EXEC           REASON\n' +
        `${ID_B}  family:site  app        RUNNING          exec-disabled  ECS Exec was off when task ${ID_B} was launched, and a running task cannot be changed.\n` +
        `${ID_A}  web          app        RUNNING          ready\n`,
    );
  });

  it("how many of a task's containers can be entered", async () => {
    const containers = [
      sampleContainer('app'),
      sampleContainer('log', { managedAgents: [] }),
      sampleContainer('aws-guardduty-agent-x', { managedAgents: [] }),
    ];
    const stdout = await stdoutOf(['ls', 'prod/web'], [sampleTask(ID_A, { containers })]);
    expect(stdout).toContain('  1 of 2 ready  app,log,aws-guardduty-agent-x  ');
  });

  it('the cluster too if there can be several', async () => {
    expect(firstCells(await stdoutOf(['ls', 'tasks']))).toEqual(['prod', 'prod']);
    expect(firstCells(await stdoutOf(['ls', 'services']))).toEqual(['prod', 'prod']);
  });

  it('no header with --no-header, and more columns with --wide', async () => {
    expect(await stdoutOf(['ls', 'clusters', 'prod', '--no-header', '--wide'])).toBe(
      'prod  ACTIVE  1  1  0  0  FARGATE  env=prod\n',
    );
  });

  it('lines no wider than the terminal, with the important values in color', async () => {
    const { app } = world();
    Object.assign(app.stdout, { isTTY: true, columns: 50 });
    const { stdout } = await run(['ls', 'tasks', 'prod'], app);
    expect(stdout).toBe(
      'TASK          SERVICE      EXEC           AGE\n' +
        'bbbb00000000  family:site  \u001b[33mexec-disabled\u001b[39m   2d\n' +
        'aaaa00000000  web          \u001b[32mready\u001b[39m          60m\n',
    );
  });
});

describe('ecsh ls finds', () => {
  it.each<readonly [readonly string[], readonly string[]]>([
    [['tasks', 'prod/web'], [ID_A]],
    [['prod/service:web'], [ID_A]],
    [['prod/family:site'], [ID_B]],
    [['tasks', 'prod', '--service', 'web'], [ID_A]],
    [['tasks', 'prod', '--family', 'site'], [ID_B]],
    [['tasks', 'prod/bbb'], [ID_B]],
    [['tasks', `prod/${ID_B}`], [ID_B]],
    [['tasks', `prod/task:aaaa`], [ID_A]],
    [['tasks', READY.taskArn], [ID_A]],
    [[`prod/${ID_A}`], [ID_A]],
    [['prod/web@app'], [ID_A]],
    [
      ['prod', '-c', 'app'],
      [ID_B, ID_A],
    ],
    [['tasks', 'prod', '--tag', 'team=shop'], [ID_B]],
    [['tasks', 'prod', '--tag', 'team'], [ID_B]],
    [['services', 'prod', '--tag', 'team=shop'], ['api']],
    [['services', 'prod/web'], ['web']],
    [['services', 'prod', '--family', 'api'], ['api']],
    [['clusters', '--tag', 'env=prod'], ['prod']],
    [
      ['tasks', 'prod', '--status', 'running'],
      [ID_B, ID_A],
    ],
    [['tasks', 'prod', '--status', 'stopped'], [ID_C]],
    [
      ['tasks', 'prod', '--status', 'all'],
      [ID_B, ID_A, ID_C],
    ],
  ])('%j', async (words, expected) => {
    expect(firstCells(await stdoutOf(['ls', ...words]))).toEqual(expected);
  });

  it('the target of the last session', async () => {
    const env = { HOME: '/home/me', ECSH_CLUSTER: 'tools' };
    const files = {
      '/home/me/.local/state/ecsh/last.json': '{"target": "web", "cluster": "prod"}',
    };
    const { app } = world(undefined, { env, files });
    const { status, stdout, stderr } = await run(['ls', 'tasks', '-'], app);
    expect([status, stderr]).toEqual([0, 'The last target: prod/web.\n']);
    expect(firstCells(stdout)).toEqual([ID_A]);
  });

  it('starting tasks with --status pending', async () => {
    const tasks = [READY, sampleTask(ID_D, { lastStatus: 'PROVISIONING' })];
    const stdout = await stdoutOf(['ls', 'tasks', 'prod', '--status', 'pending'], tasks);
    expect(firstCells(stdout)).toEqual([ID_D]);
  });

  it.each<readonly [readonly string[], readonly string[]]>([
    [['clusters'], ['prod', 'tools']],
    [[], ['api', 'web']],
    [['-A'], ['prod', 'tools']],
    [['tasks'], [ID_B, ID_A]],
    [
      ['tasks', '-A'],
      ['prod', 'prod'],
    ],
  ])('with ECSH_CLUSTER: %j', async (words, expected) => {
    const { app } = world(undefined, { env: { ECSH_CLUSTER: 'prod' } });
    const { stdout } = await run(['ls', ...words], app);
    expect(firstCells(stdout)).toEqual(expected);
  });

  it('clusters in the region of an ARN', async () => {
    const { app } = world();
    await run(['ls', 'arn:aws:ecs:eu-west-1:123456789012:cluster/prod'], app);
    expect(app.awsSettings[0]?.region).toBe('eu-west-1');
  });
});

describe('ecsh ls makes only the calls that it needs', () => {
  it.each<readonly [readonly string[], readonly string[]]>([
    [['prod/web'], ['listTasks prod web', 'describeTasks prod 1']],
    [
      ['services', 'prod/web'],
      ['listTasks prod web', 'describeTasks prod 1', 'describeServices prod 1'],
    ],
    [['services', 'prod/api'], ['describeServices prod 1']],
    [['clusters', 'prod'], ['describeClusters 1']],
    [[`prod/${ID_A}`], ['describeTasks prod 1']],
    [
      ['tasks', 'prod', '--tag', 'a'],
      ['listTasks prod ', 'describeTasks prod 2 tags'],
    ],
    [['--names'], ['listClusters']],
    [['prod', '--names'], ['listServices prod']],
    [['tasks', 'prod', '--names'], ['listTasks prod ']],
    [['prod/web', '--names'], ['listTasks prod web']],
    [
      ['tasks', 'prod', '--names', '--status', 'running'],
      ['listTasks prod ', 'describeTasks prod 2'],
    ],
  ])('%j', async (words, expected) => {
    const { app, calls } = world();
    await run(['ls', ...words], app);
    expect(calls()).toEqual(expected);
  });
});

describe('ecsh ls --names prints valid targets', () => {
  it.each<readonly [readonly string[], string]>([
    [['--names'], 'prod\ntools\n'],
    [['prod', '--names'], 'prod/api\nprod/web\n'],
    [['prod/web', '--names'], `prod/${ID_A}\n`],
    [['containers', 'prod/web', '--names'], `prod/${ID_A}@app\n`],
    [['prod', '--names', '--tag', 'team'], 'prod/api\n'],
    [['prod', '--names', '--json'], '["prod/api","prod/web"]\n'],
  ])('%j', async (words, expected) => {
    expect(await stdoutOf(['ls', ...words])).toBe(expected);
  });
});

describe('ecsh ls --json prints', () => {
  const json = async (argv: readonly string[]) => JSON.parse(await stdoutOf([...argv, '--json']));

  it('clusters with the key names of the API', async () => {
    expect((await json(['ls', 'clusters', 'prod']))[0]).toEqual({
      target: 'prod',
      clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/prod',
      clusterName: 'prod',
      status: 'ACTIVE',
      activeServicesCount: 1,
      runningTasksCount: 1,
      pendingTasksCount: 0,
      registeredContainerInstancesCount: 0,
      capacityProviders: ['FARGATE'],
      tags: [{ key: 'env', value: 'prod' }],
    });
  });

  it('services, every key in each', async () => {
    expect((await json(['ls', 'services', 'prod/api']))[0]).toEqual({
      target: 'prod/api',
      cluster: 'prod',
      serviceArn: 'arn:aws:ecs:us-east-1:123456789012:service/prod/api',
      serviceName: 'api',
      clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/prod',
      status: 'ACTIVE',
      desiredCount: 1,
      runningCount: 1,
      pendingCount: 0,
      launchType: null,
      capacityProviders: ['FARGATE_SPOT'],
      taskDefinition: 'arn:aws:ecs:us-east-1:123456789012:task-definition/api:1',
      enableExecuteCommand: false,
      createdAt: '2024-12-31T23:00:00.000Z',
      deployments: [],
      events: [],
      readyCount: null,
      notReadyCode: null,
      tags: [{ key: 'team', value: 'shop' }],
    });
  });

  it('tasks with their containers, and whether each can be entered', async () => {
    expect((await json(['ls', 'prod/family:site']))[0]).toEqual({
      target: `prod/${ID_B}`,
      cluster: 'prod',
      taskId: ID_B,
      service: null,
      family: 'site',
      taskArn: OFF.taskArn,
      clusterArn: OFF.clusterArn,
      taskDefinitionArn: OFF.taskDefinitionArn,
      group: 'family:site',
      lastStatus: 'RUNNING',
      desiredStatus: 'RUNNING',
      stopCode: null,
      stoppedReason: null,
      launchType: 'FARGATE',
      capacityProviderName: null,
      platformVersion: '1.4.0',
      enableExecuteCommand: false,
      createdAt: '2024-12-30T00:00:00.000Z',
      startedAt: '2026-03-01T14:40:00.000Z',
      tags: [{ key: 'team', value: 'shop' }],
      containers: [
        {
          name: 'app',
          lastStatus: 'RUNNING',
          healthStatus: null,
          exitCode: null,
          reason: null,
          runtimeId: 'runtime-of-app',
          exec: {
            ready: false,
            code: 'exec-disabled',
            reason: `ECS Exec was off when task ${ID_B} was launched, and a running task cannot be changed.`,
          },
        },
      ],
    });
  });

  it('containers on their own', async () => {
    expect(await json(['ls', 'containers', 'prod/web'])).toEqual([
      {
        target: `prod/${ID_A}@app`,
        cluster: 'prod',
        taskId: ID_A,
        taskArn: READY.taskArn,
        service: 'web',
        family: 'site',
        name: 'app',
        lastStatus: 'RUNNING',
        healthStatus: null,
        exitCode: null,
        reason: null,
        runtimeId: 'runtime-of-app',
        exec: { ready: true, code: null, reason: null },
        tags: [],
      },
    ]);
  });
});

it.each(['clusters', 'services', 'tasks', 'containers'])(
  'docs/ls.md names every key that ecsh ls %s --json prints',
  async (kind) => {
    const page = readFileSync(new URL('../../../docs/ls.md', import.meta.url), 'utf8');
    const section = page.split(/^## /m).find((part) => part.toLowerCase().startsWith(kind)) ?? '';
    const [row] = JSON.parse(await stdoutOf(['ls', kind, 'prod', '--json']));
    const missing = Object.keys(row).filter((key) => !section.includes(`\`${key}\``));
    expect(missing).toEqual([]);
  },
);

describe('ecsh ls that finds nothing exits with 1 and a message', () => {
  it.each<readonly [readonly string[], string, string]>([
    [
      ['tasks', 'tools'],
      'There are no tasks in cluster tools. [nothing-found]',
      'Look at the stopped ones:  ecsh ls tasks tools --status stopped',
    ],
    [
      ['tasks', 'tools', '--status', 'stopped'],
      'There are no stopped tasks in cluster tools. [nothing-found]',
      'See what there is:  ecsh ls services tools',
    ],
    [
      ['services', 'tools'],
      'There are no services in cluster tools. [nothing-found]',
      'There may be tasks of no service:  ecsh ls tasks tools',
    ],
    [
      ['services', 'prod', '--tag', 'env=test'],
      'There are no services in cluster prod (tag env=test). [nothing-found]',
      'See what there is:  ecsh ls services prod',
    ],
    [
      ['tasks', '--service', 'nosuch'],
      'There are no tasks in this account and region (service nosuch). [nothing-found]',
      'See what there is:  ecsh ls clusters',
    ],
    [
      ['clusters', '--tag', 'env=test'],
      'There are no clusters in this account and region (tag env=test). [nothing-found]',
      'Check --region and --profile.',
    ],
    [
      ['-'],
      'There is no last target yet. [last-target-missing]',
      'It is the one that a session was last opened to. Name one:  ecsh prod/web',
    ],
    [
      ['prd'],
      'There is no cluster "prd" in us-east-1. [cluster-not-found]',
      'Did you mean prod? List the clusters of this account and region:  ecsh ls clusters',
    ],
    [
      ['prod/wbe'],
      'Cluster prod has no service "wbe". [service-not-found]',
      'Did you mean web? List its services:  ecsh ls services prod',
    ],
    [
      ['tasks', 'prod', '--service', 'wbe'],
      'Cluster prod has no service "wbe". [service-not-found]',
      'Did you mean web? List its services:  ecsh ls services prod',
    ],
    [
      ['services', 'prod/wbe'],
      'Cluster prod has no service "wbe". [service-not-found]',
      'Did you mean web? List its services:  ecsh ls services prod',
    ],
    [
      [`prod/${ID_D}`],
      `Cluster prod has no task ${ID_D}. ECS forgets a stopped task after about an hour. [task-not-found]`,
      'Check cluster, --region and --profile, or list the tasks:  ecsh ls tasks prod',
    ],
  ])('%j', async (words, message, hint) => {
    const { status, stdout, stderr } = await run(['ls', ...words], world().app);
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: '',
      stderr: `ecsh: ${message}\n  ${hint}\n`,
    });
  });

  it('and an empty list in JSON', async () => {
    const outcome = await run(['ls', 'tasks', 'tools', '--json'], world().app);
    expect([outcome.status, outcome.stdout]).toEqual([1, '[]\n']);
    expect(outcome.stderr).toContain('[nothing-found]');
  });

  it('and reports missing permission as a failure', async () => {
    const ecs = fakeEcs({ clusters: { prod: [] }, denied: ['listTasks'] });
    const { status } = await run(['ls', 'tasks', 'prod'], new FakeApp({ ecs }));
    expect(status).toBe(1);
  });
});

describe('ecsh ls --watch', () => {
  it('appends without a terminal, until a signal', async () => {
    const { app } = world();
    const running = run(['ls', 'clusters', 'prod', '--watch', '--no-header'], app);
    await app.remote.clock.advance(2_000);
    app.signals.send('SIGINT');
    const { status, stdout } = await running;
    expect(status).toBe(130);
    const line = 'prod  ACTIVE  1  1  0  0\n';
    expect(stdout).toBe(`${line}\n${line}`);
  });

  it('redraws a terminal, up to its height', async () => {
    const terminal = new FakeTerminal();
    terminal.resize({ cols: 80, rows: 4 });
    const { app } = world([], { terminal });
    Object.assign(app.stdout, { isTTY: true, columns: 80 });
    const { status, stdout } = await runUntil('SIGTERM', ['ls', '--watch', '--no-header'], app);
    expect(status).toBe(143);
    expect(stdout.replace(/\d\d:\d\d:\d\d/, 'TIME')).toBe(
      '\u001b[H  TIME  every 2 s, * changed, Ctrl-C ends\u001b[K\n' +
        '  prod   ACTIVE  1  1  0  0\u001b[K\n  tools  ACTIVE  0  1  0  0\u001b[K\n\u001b[J',
    );
  });

  it('prints an empty state while nothing exists, as one line of JSON with --json', async () => {
    const { app } = world([]);
    const { stdout } = await runUntil('SIGINT', ['ls', 'tasks', 'prod', '-w', '--json'], app);
    expect(stdout).toBe('[]\n');
    const other = world([]).app;
    const outcome = await runUntil('SIGINT', ['ls', 'tasks', 'prod', '-w'], other);
    expect(outcome.stdout).toBe('Nothing yet.\n');
  });

  it('continues after a transient failure, and ends on a permanent one', async () => {
    const { app, ecs } = world();
    const failures = [
      new EcshError('throttled', 'Too fast.', { retryable: true }),
      new EcshError('access-denied', 'No.'),
    ];
    ecs.listTasks = () => Promise.reject(failures.shift());
    const running = run(['ls', 'tasks', 'prod', '--watch'], app);
    await app.remote.clock.advance(2_000);
    const { status, stdout, stderr } = await running;
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe('ecsh: Too fast. [throttled]\necsh: No. [access-denied]\n');
  });

  it('ends on a signal even if ECS does not respond', async () => {
    const { app, ecs } = world();
    ecs.listTasks = () => new Promise(() => undefined);
    expect(await runUntil('SIGINT', ['ls', 'tasks', 'prod', '--watch'], app)).toMatchObject({
      status: 130,
      stdout: '',
    });
  });

  it('exits with 141 if the reader of its stdout closes the pipe', async () => {
    const { app } = world();
    const running = run(['ls', '--watch'], app);
    await settle();
    app.stdout.destroy();
    expect((await running).status).toBe(141);
  });
});
