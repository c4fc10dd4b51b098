import { beforeEach, describe, expect, it } from 'vitest';
import { addRestartCommand } from '#commands/restart/restart-command.ts';
import type { RestartOptions } from '#commands/restart/run-restart.ts';
import type { ServiceChange } from '#domain/ports/ecs-admin-ports.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import type { Task } from '#domain/resolve/task.ts';
import { fakeAdmin } from '#test/fakes/fake-admin.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { confirming } from '#test/fakes/scripted-prompts.ts';
import { FakeApp, run } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';

const OLD = sampleTask('1'.repeat(32), { startedBy: 'ecs-svc/1' });
const NEW = sampleTask('2'.repeat(32), { startedBy: 'ecs-svc/2' });

let service: ServiceDetails;
let changes: ServiceChange[];

beforeEach(() => {
  changes = [];
  service = {
    serviceName: 'web',
    status: 'ACTIVE',
    desiredCount: 1,
    enableExecuteCommand: true,
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' }],
    events: [],
  };
});

/** `answer` to the question; undefined if there is no user to ask. `after`: the tasks of the new deployment. */
function cloud(answer?: boolean, after: Task = NEW): FakeApp {
  const tasks = [OLD];
  const admin = fakeAdmin({
    updateService: async (change) => {
      changes.push(change);
      tasks.splice(0, tasks.length, after);
      const deployments = [{ id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: 'COMPLETED' }];
      service = { ...service, deployments };
      return service;
    },
    findDaemon: async (_, name) =>
      name === 'agentd' ? { daemonArn: 'arn:daemon', capacityProviderArns: [] } : undefined,
  });
  return new FakeApp({
    remote: new FakeRemote(tasks),
    doctor: fakeDoctor({
      ecs: { describeService: async (_, name) => (name === 'web' ? service : undefined) },
    }),
    admin,
    ...confirming(answer),
  });
}

const PLAN = [
  'Service web in cluster prod:',
  '  A new deployment replaces 1 running task',
  `    ${'1'.repeat(32)}`,
  '  Note: Running tasks are stopped; anything in them is lost.',
];
const CHANGE = { cluster: 'prod', service: 'web', forceNewDeployment: true };
const RESULT = { cluster: 'prod', service: 'web' };

describe('restart', () => {
  it('shows the plan, asks, and waits until the new tasks run', async () => {
    const { status, stdout, stderr } = await run(['restart', 'prod/web'], cloud(true));
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      ...PLAN,
      'Deployment ecs-svc/2 has begun.',
      '1 of 1 task replaced',
      '1 new task is running.',
      '',
    ]);
    expect(changes).toEqual([CHANGE]);
  });

  it('repeats a warning and succeeds if the exec agent of a new task has stopped', async () => {
    const agent = { name: 'ExecuteCommandAgent', lastStatus: 'STOPPED' };
    const after = { ...NEW, containers: [sampleContainer('app', { managedAgents: [agent] })] };
    const { status, stderr } = await run(['restart', '-y', 'prod/web'], cloud(undefined, after));
    expect(status).toBe(0);
    expect(stderr.split('\n').slice(-3)).toEqual([
      '1 new task is running.',
      'But the exec agent of 1 task has stopped. Find out why:  ecsh doctor prod/web',
      '',
    ]);
  });

  it('changes nothing if the answer is no', async () => {
    const { status, stderr } = await run(['restart', 'prod/web'], cloud(false));
    expect(status).toBe(1);
    expect(stderr.split('\n').slice(-2)).toEqual(['Nothing was changed.', '']);
    expect(changes).toEqual([]);
  });

  it('requires --yes if it cannot ask', async () => {
    const { status, stderr } = await run(['restart', 'prod/web', '--wait', 'first'], cloud());
    expect(status).toBe(2);
    expect(stderr).toContain('Type:  ecsh restart prod/web --wait first --yes\n');
    expect(changes).toEqual([]);
  });

  it.each([
    [['--json'], 'replaced', ['2'.repeat(32)]],
    [['--json', '--no-wait'], 'started', []],
  ])('reports its result: %s', async (flags, outcome, tasks) => {
    const { status, stdout } = await run(['restart', '-qy', ...flags, 'prod/web'], cloud());
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ ...RESULT, outcome, deploymentId: 'ecs-svc/2', tasks });
  });

  it('changes nothing for a service without tasks', async () => {
    service = { ...service, desiredCount: 0 };
    const { status, stdout, stderr } = await run(['restart', '--json', 'prod/web'], cloud());
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      ...RESULT,
      outcome: 'unchanged',
      deploymentId: null,
      tasks: [],
    });
    expect(stderr).toBe(
      'The desired count of service web is 0: there is no task to replace, and nothing was changed.\n',
    );
    expect(changes).toEqual([]);
  });

  it('prints the plan and the request with --dry-run, and sends nothing', async () => {
    const text = await run(['restart', '--dry-run', 'prod/web'], cloud());
    expect(text).toEqual({
      status: 0,
      stdout: [...PLAN, 'UpdateService', JSON.stringify(CHANGE, undefined, 2), ''].join('\n'),
      stderr: '',
    });
    const json = await run(['restart', '--dry-run', '--json', 'prod/web'], cloud());
    expect(JSON.parse(json.stdout)).toMatchObject({
      request: { operation: 'UpdateService', input: CHANGE },
    });
    expect(changes).toEqual([]);
  });

  it.each([
    [
      `prod/${'1'.repeat(32)}`,
      'Name the service whose tasks are to be replaced, [CLUSTER/]NAME. One task:  ecsh stop TASK',
    ],
    ['prod/agentd', 'ecsh does not change daemons. Stop one of its tasks:  ecsh stop prod/TASK'],
  ])('rejects %s', async (target, hint) => {
    const { status, stderr } = await run(['restart', target], cloud());
    expect(status).toBe(2);
    expect(stderr).toContain('[service-expected]');
    expect(stderr).toContain(`  ${hint}\n`);
  });
});

const DEFAULTS = { color: 'auto', wait: 'all', timeout: 900_000, target: 'prod/web' };

describe('options of restart', () => {
  it.each<[readonly string[], object]>([
    [['restart', 'prod/web'], {}],
    [['restart', 'prod/web', '--no-wait', '-y'], { wait: false, yes: true }],
    [['restart', '--force', '--timeout', '5m', 'prod/web'], { force: true, timeout: 300_000 }],
    [['restart', '--dry-run', '--json', 'prod/web'], { dryRun: true, json: true }],
  ])('%j', async (argv, expected) => {
    const options = await optionsOf<RestartOptions>(addRestartCommand, argv);
    expect(defined(options)).toEqual({ ...DEFAULTS, ...expected });
  });
});
