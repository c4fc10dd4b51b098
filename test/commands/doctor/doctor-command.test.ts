import { describe, expect, it } from 'vitest';
import { addDoctorCommand } from '#commands/doctor/doctor-command.ts';
import type { DoctorOptions } from '#commands/doctor/run-doctor.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { EcsDetailsApi } from '#domain/ports/doctor-ports.ts';
import type { Task } from '#domain/resolve/task.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { FakeLog } from '#test/fakes/fake-log.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { ScriptedPrompts } from '#test/fakes/scripted-prompts.ts';
import { FakeApp, run } from '#test/helpers/app.ts';
import { optionsOf } from '#test/helpers/command-options.ts';
import { loggedTo } from '#test/helpers/log-app.ts';

const ID = '0f9de17a6465404e8b1b2356dc13c2f8';

const SETUP: Partial<EcsDetailsApi> = {
  describeTaskDefinition: async () => ({
    taskRoleArn: 'arn:aws:iam::123456789012:role/web',
    containerDefinitions: [
      {
        name: 'app',
        linuxParameters: { initProcessEnabled: true },
        logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/ecs/web' } },
      },
    ],
  }),
  describeCluster: async () => ({
    status: 'ACTIVE',
    configuration: { executeCommandConfiguration: { logging: 'DEFAULT' } },
  }),
  describeService: async () => ({
    serviceName: 'web',
    enableExecuteCommand: true,
    desiredCount: 1,
    deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' }],
  }),
};

const appWith = (tasks: readonly Task[], ecs: Partial<EcsDetailsApi> = {}) =>
  new FakeApp({
    remote: new FakeRemote(tasks),
    doctor: fakeDoctor({ ecs: { ...SETUP, ...ecs } }),
  });
const doctor = (app: FakeApp, ...argv: readonly string[]) =>
  run(['doctor', '--quick', ...argv], app);

describe('ecsh doctor', () => {
  it.each<[string, Partial<DoctorOptions>]>([
    ['', {}],
    ['prod/web', { target: 'prod/web' }],
    ['--quick prod/web', { target: 'prod/web', quick: true }],
    ['--deep --probe prod/web', { target: 'prod/web', deep: true, probe: true }],
    ['--ssh prod/web', { target: 'prod/web', ssh: true }],
    ['--fix prod/web', { target: 'prod/web', fix: true }],
    ['--task prod/web', { target: 'prod/web', task: true }],
    [
      '--sessions --local --strict prod/web',
      { target: 'prod/web', sessions: true, local: true, strict: true },
    ],
  ])('parses: doctor %s', async (line, options) => {
    const argv = ['doctor', ...line.split(' ').filter((word) => word !== '')];
    expect(await optionsOf(addDoctorCommand, argv)).toMatchObject(options);
  });

  it('reports "ready" in one line and exits with 0', async () => {
    const { status, stdout, stderr } = await doctor(appWith([sampleTask(ID)]), 'prod/web');
    expect(status).toBe(0);
    expect(stdout).toBe('prod/web@app: ready\n');
    expect(stderr).toBe('');
  });

  it('shows notes only with -v', async () => {
    const app = appWith([sampleTask(ID)]);
    const { stdout } = await doctor(app, '-v', 'prod/web');
    expect(stdout).toContain('Notes\n  image-log-tools: Session logs need script and cat in app.');
    expect(stdout).toContain('--keepalive keeps them open.');
  });

  it('colors the verdict, and escapes control characters from AWS', async () => {
    const stopped = { ...bare(), lastStatus: 'STOPPED', reason: 'it \u001b[31mfailed' };
    const ready = await doctor(appWith([sampleTask(ID)]), '--color', 'always', 'prod/web');
    expect(ready.stdout).toBe('\u001b[32mprod/web@app: ready\u001b[39m\n');
    const broken = appWith([sampleTask(ID, { containers: [stopped] })]);
    const { stdout } = await doctor(broken, '--color', 'always', 'prod/web');
    expect(stdout.startsWith('\u001b[31mprod/web@app: not ready\u001b[39m: ')).toBe(true);
    expect(stdout).toContain('it \\x1b[31mfailed');
  });

  it('checks the whole service, or with --task only the task that a session would use', async () => {
    const off = sampleTask('1a9de17a6465404e8b1b2356dc13c2f8', { enableExecuteCommand: false });
    const tasks = [sampleTask(ID), off];
    const whole = await doctor(appWith(tasks), 'prod/web');
    expect(whole.status).toBe(1);
    expect(whole.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'prod/web@app: not ready: 1 of 2 running tasks can be entered; 1 cannot: ECS Exec was off when they were launched: 1a9de17a6465404e8b1b2356dc13c2f8.',
    );
    const one = await doctor(appWith(tasks), '--task', 'prod/web');
    expect([one.status, one.stdout]).toEqual([0, 'prod/web@app: ready\n']);
    const named = await doctor(appWith(tasks), `prod/${ID}`);
    expect([named.status, named.stdout]).toEqual([0, 'prod/web@app: ready\n']);
  });

  it('names the cause in the first line and the fix in the next, and exits with 1', async () => {
    const app = appWith([sampleTask(ID, { platformVersion: '1.3.0', containers: [bare()] })]);
    const { status, stdout } = await doctor(app, 'prod/web');
    expect(status).toBe(1);
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      'prod/web@app: not ready: Fargate platform 1.3.0 is too old; ECS Exec needs',
      '  1.4.0.',
      '',
      'Move it to the latest:',
      '  aws ecs update-service --cluster prod --service web --platform-version LATEST --force-new-deployment',
    ]);
  });

  it('repeats the flags of the call in commands to paste', async () => {
    const app = appWith([sampleTask(ID, { enableExecuteCommand: false })]);
    const { stdout } = await doctor(app, '--region', 'eu-west-1', 'prod/web');
    expect(stdout).toContain('\n  ecsh enable prod/web --region eu-west-1\n');
  });

  it('reports a container that cannot be chosen, and continues', async () => {
    const containers = ['api', 'worker'].map((name) => sampleContainer(name));
    const { status, stdout } = await doctor(appWith([sampleTask(ID, { containers })]), 'prod/web');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^prod\/web: not ready: Task 0f9d\w+ has several\n {2}containers: api/);
  });

  it('reports a container that the task does not have', async () => {
    const { status, stdout } = await doctor(appWith([sampleTask(ID)]), 'prod/web@db');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^prod\/web@db: not ready: .* has no container\n {2}"db", but: app\./);
  });

  it('reports why a service has no task', async () => {
    const app = appWith([], {
      describeService: async () => ({
        serviceName: 'web',
        status: 'ACTIVE',
        desiredCount: 2,
        runningCount: 0,
        deployments: [{ status: 'PRIMARY', failedTasks: 3 }],
      }),
    });
    const { status, stdout } = await doctor(app, '--json', 'prod/web');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ready: false,
      target: 'prod/web',
      cluster: 'prod',
      task: null,
      container: null,
      primary: 'task-exists',
      checks: expect.arrayContaining([
        expect.objectContaining({
          id: 'task-exists',
          status: 'fail',
          severity: 'fail',
          title: 'Task exists',
          message: 'Service web in cluster prod has no running task. 3 tasks failed to start.',
        }),
      ]),
    });
  });

  const stopped = (id: string, stopCode: string, createdAt: string) =>
    sampleTask(id, {
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      stopCode,
      stoppedReason: `the reason of ${id.slice(0, 1)}`,
      createdAt: new Date(createdAt),
    });
  const idOf = (digit: string) => digit.repeat(32);

  it('shows the last lines of a service whose tasks keep failing', async () => {
    const starting = sampleTask(ID, {
      lastStatus: 'PENDING',
      containers: [sampleContainer('app', { lastStatus: 'PENDING', runtimeId: undefined })],
    });
    const failed = sampleTask('a'.repeat(32), {
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      containers: [sampleContainer('app', { lastStatus: 'STOPPED', exitCode: 1 })],
    });
    const log = new FakeLog();
    log.write(`ecs/app/${'a'.repeat(32)}`, 1, 'no such database');
    const app = new FakeApp({
      ecs: fakeEcs({ clusters: { prod: [starting, failed] }, services: ['web'] }),
      logEvents: async () => log,
      doctor: fakeDoctor({
        ecs: {
          ...SETUP,
          describeTaskDefinition: async () => loggedTo('/web', 'app'),
          describeService: async () => ({
            serviceName: 'web',
            enableExecuteCommand: true,
            desiredCount: 1,
            deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', failedTasks: 4 }],
          }),
        },
      }),
    });
    const { stdout, stderr } = await doctor(app, 'prod/web');
    expect(stdout).toContain('No task of service web stays up: 4 have failed.');
    expect(stderr).toContain('The last lines of task aaaaaaaaaaaa:\n  | no such database\n');
  });

  it('checks the task that failed last if the service has no running task', async () => {
    const app = appWith([
      stopped(idOf('a'), 'TaskFailedToStart', '2026-03-01T10:00:00Z'),
      stopped(idOf('b'), 'EssentialContainerExited', '2026-03-01T12:00:00Z'),
      stopped(idOf('c'), 'EssentialContainerExited', '2026-03-01T11:00:00Z'),
      stopped(idOf('d'), 'ServiceSchedulerInitiated', '2026-03-01T13:00:00Z'),
    ]);
    const { status, stdout, stderr } = await doctor(app, '--json', 'prod/web');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      task: expect.stringContaining(idOf('b')),
      primary: 'task-status',
    });
    expect(stdout).toContain('the reason of b');
    expect(stderr).toBe('Service web in cluster prod has no running task. This is its last one.\n');
  });

  it('ignores tasks that were stopped on purpose', async () => {
    const task = stopped(idOf('d'), 'ServiceSchedulerInitiated', '2026-03-01T13:00:00Z');
    const { stdout } = await doctor(appWith([task]), '--json', 'prod/web');
    expect(JSON.parse(stdout)).toMatchObject({ task: null, primary: 'task-exists' });
  });

  it('checks a task that the scheduler stopped because its health check failed', async () => {
    const task = {
      ...stopped(idOf('d'), 'ServiceSchedulerInitiated', '2026-03-01T13:00:00Z'),
      stoppedReason: 'Task failed container health checks',
    };
    const { stdout } = await doctor(appWith([task]), '--json', 'prod/web');
    expect(JSON.parse(stdout)).toMatchObject({
      task: expect.stringContaining(idOf('d')),
      primary: 'task-status',
    });
  });

  it('reports only that a task is still starting, and the details with -v', async () => {
    const starting = sampleTask(ID, {
      lastStatus: 'PENDING',
      containers: [sampleContainer('app', { lastStatus: 'PENDING', runtimeId: undefined })],
    });
    const { stdout } = await doctor(appWith([starting]), `prod/${ID}`);
    expect(stdout).toContain('not ready: Task');
    expect(stdout).not.toContain('Also in the way');
    const { stdout: all } = await doctor(appWith([starting]), '-v', `prod/${ID}`);
    expect(all).toContain('container-running: Container app is PENDING.');
  });

  it('reports that a service is scaled to 0', async () => {
    const app = appWith([], { describeService: async () => ({ desiredCount: 0 }) });
    const { stdout } = await doctor(app, 'prod/web');
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      'prod/web: not ready: Service web in cluster prod has no running task. It is',
      '  scaled to 0.',
      '',
      'Start a task:',
      '  aws ecs update-service --cluster prod --service web --desired-count 1',
    ]);
  });

  it.each<[string, string]>([
    ['prod/nope', 'prod/nope: not ready: Cluster prod has no service "nope".'],
    ['prod/task:abc', 'prod/abc: not ready: Cluster prod runs no task whose id begins with abc.'],
    ['nope/web', 'nope/web: not ready: There is no cluster "nope" in us-east-1.'],
  ])('reports that %s does not exist', async (target, line) => {
    const app = appWith([], { describeService: async () => undefined });
    const { status, stdout } = await doctor(app, target);
    expect(status).toBe(1);
    expect(stdout).toContain(line);
  });

  it('diagnoses a stopped task by its id', async () => {
    const task = sampleTask(ID, {
      lastStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [sampleContainer('app', { lastStatus: 'STOPPED', exitCode: 137 })],
    });
    const { status, stdout } = await doctor(appWith([task]), `prod/${ID}`);
    expect(status).toBe(1);
    expect(stdout).toContain('Container app (exit 137).');
  });

  it('reports facts that the caller lacks permission for as unknown, not as failures', async () => {
    const denied = async () => {
      throw new EcshError('access-denied', 'No.', {});
    };
    const app = appWith([sampleTask(ID)], {
      describeTaskDefinition: denied,
      describeCluster: denied,
      describeService: denied,
    });
    const { status, stdout } = await doctor(app, 'prod/web');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^prod\/web@app: ready\n/);
    expect(stdout).toContain(
      'Unknown\n  Not checked: you lack permission for ecs:DescribeTaskDefinition\n    (readonly-root-fs,',
    );
  });

  describe('if tasks cannot be listed', () => {
    const blind = (ecs: Partial<EcsDetailsApi>) =>
      new FakeApp({
        ecs: fakeEcs({ clusters: {}, denied: ['listTasks'] }),
        doctor: fakeDoctor({ ecs: { ...SETUP, ...ecs } }),
      });

    it('checks what it can read about the service', async () => {
      const app = blind({
        describeService: async () => ({ deploymentController: { type: 'CODE_DEPLOY' } }),
      });
      const { status, stdout } = await doctor(app, '--json', 'prod/web');
      const { ready, primary, checks } = JSON.parse(stdout);
      expect({ status, ready, primary }).toEqual({
        status: 1,
        ready: false,
        primary: 'service-controller',
      });
      expect(checks[0]).toMatchObject({
        id: 'task-exists',
        status: 'unknown',
        message: 'No listTasks.',
      });
    });

    it('fails if ECS does not respond', async () => {
      const ecs = fakeEcs({ clusters: {} });
      const prompts = new ScriptedPrompts();
      const app = new FakeApp({
        prompts,
        ecs: { ...ecs, listTasks: () => new Promise(() => undefined) },
        doctor: fakeDoctor(),
      });
      const running = doctor(app, '--json', 'prod/web');
      await app.remote.clock.advance(8_000);
      const { status, stdout } = await running;
      expect(status).toBe(1);
      expect(JSON.parse(stdout).error).toMatchObject({
        code: 'endpoint-unreachable',
        message: 'ECS did not say within 8 s which task that is.',
      });
      expect(prompts.waits).toEqual(['Looking …']);
    });

    it('does not report a task that it has not seen as ready', async () => {
      const { status, stdout, stderr } = await doctor(blind({}), 'prod/web');
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain('No listTasks.');
    });
  });

  it('lists passed and skipped checks with -v', async () => {
    const { stdout } = await doctor(appWith([sampleTask(ID)]), '-v', 'prod/web');
    expect(stdout).toContain('Passed\n  task-exists: Task 0f9de17a');
    expect(stdout).toContain('Skipped\n  managed-sidecars: The task has a single container.');
  });

  it('fits 80 columns, except for commands to paste', async () => {
    const app = appWith([sampleTask(ID, { enableExecuteCommand: false })]);
    const { stdout } = await doctor(app, '-v', 'prod/web');
    const long = stdout.split('\n').filter((line) => line.length > 80);
    expect(long.filter((line) => !/^ +(?:aws|jq) /.test(line))).toEqual([]);
  });

  it.each([
    [['--fix', '--json', 'prod/web'], '--fix and --json exclude each other.'],
    [['--probe'], '--quick, --sessions, --task, --probe, --ssh and --fix need a TARGET.'],
  ])('rejects %j', async (argv, message) => {
    const { status, stderr } = await run(['doctor', ...argv], appWith([]));
    expect(status).toBe(2);
    expect(stderr).toContain(`ecsh: ${message} [usage]`);
  });

  it('reports that --fix cannot repair a failure, and exits with 1', async () => {
    const app = appWith([sampleTask(ID, { platformVersion: '1.3.0', containers: [bare()] })]);
    const { status, stderr } = await doctor(app, '--fix', 'prod/web');
    expect(status).toBe(1);
    expect(stderr).toBe('ecsh cannot change this; the report says how to.\n');
  });

  it('reports "ready, but" for a machine that cannot reach AWS', async () => {
    const unreached = () => Promise.reject(new EcshError('endpoint-unreachable', 'No answer.'));
    const app = new FakeApp({ doctor: fakeDoctor({ sts: { getCallerIdentity: unreached } }) });
    const { status, stdout } = await run(['doctor'], app);
    expect([status, stdout.split('\n')[0]]).toEqual([0, 'this computer: ready, but: No answer.']);
    const getCallerIdentity = async () => ({ Account: '1', Arn: 'arn:aws:iam::1:user/me' });
    const reached = new FakeApp({ doctor: fakeDoctor({ sts: { getCallerIdentity } }) });
    expect((await run(['doctor'], reached)).stdout).toMatch(/^this computer: ready\n/);
  });

  it.each(['credentials-missing', 'credentials-expired'] as const)(
    'checks this machine if tasks cannot be listed: %s',
    async (code) => {
      const refused = () => Promise.reject(new EcshError(code, 'Not from here.'));
      const app = new FakeApp({
        doctor: fakeDoctor({ sts: { getCallerIdentity: refused } }),
      });
      const aws = app.aws.bind(app);
      app.aws = (settings) => ({ ...aws(settings), ecs: refused });
      const { status, stdout } = await run(['doctor', '--json', 'prod/web'], app);
      expect(status).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        ready: false,
        task: null,
        primary: 'local-region-credentials',
      });
    },
  );

  it('fails if AWS cannot be called at all', async () => {
    const app = appWith([sampleTask(ID)]);
    app.aws = () => {
      throw new EcshError('credentials-missing', 'There are no credentials.');
    };
    expect(await doctor(app, 'prod/web')).toMatchObject({ status: 1, stdout: '' });
  });
});

function bare() {
  return sampleContainer('app', { managedAgents: [] });
}
