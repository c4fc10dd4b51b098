import { beforeEach, describe, expect, it } from 'vitest';
import { addDisableCommand, addEnableCommand } from '#commands/enable/enable-command.ts';
import type { ServiceChangeOptions } from '#commands/enable/follow-rollout.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { RunTaskRequest, ServiceChange } from '#domain/ports/ecs-admin-ports.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import type { CancelledAnswer } from '#domain/ports/prompt-ports.ts';
import type { Task } from '#domain/resolve/task.ts';
import { fakeAdmin } from '#test/fakes/fake-admin.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { settle } from '#test/fakes/manual-clock.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { confirming } from '#test/fakes/scripted-prompts.ts';
import { FakeApp, run } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';

const OLD = sampleTask('1'.repeat(32), { enableExecuteCommand: false, startedBy: 'ecs-svc/1' });
const NEW = sampleTask('2'.repeat(32), { startedBy: 'ecs-svc/2' });
const STANDALONE = sampleTask('3'.repeat(32), {
  group: 'family:site',
  enableExecuteCommand: false,
});

/** The state of ECS, and the changes requested of it. */
let service: ServiceDetails;
let changes: ServiceChange[];
let started: RunTaskRequest[];
let hasTaskRole: boolean;
let isReadOnly: boolean;
/** The mounts of each registered revision. */
let registered: (readonly string[])[];
let tasks: Task[];

beforeEach(() => {
  changes = [];
  started = [];
  hasTaskRole = true;
  isReadOnly = false;
  registered = [];
  tasks = [OLD, STANDALONE];
  service = {
    serviceName: 'web',
    status: 'ACTIVE',
    desiredCount: 1,
    enableExecuteCommand: false,
    taskDefinition: OLD.taskDefinitionArn,
    deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' }],
    events: [],
  };
});

/** A fake AWS. `after`: the tasks once the service is updated. `forbidden`: calls that fail with access-denied. */
function cloud(
  answer?: boolean | CancelledAnswer,
  after: readonly Task[] = [NEW],
  forbidden: readonly (keyof EcsApi)[] = [],
): FakeApp {
  const remote = new FakeRemote(tasks);
  const denied = () => Promise.reject(new EcshError('access-denied', 'No.'));
  const notAsked = () => Promise.reject(new Error('not asked'));
  return new FakeApp({
    remote,
    ...(forbidden.length === 0
      ? {}
      : { ecs: fakeEcs({ clusters: { prod: tasks }, services: ['web'], denied: forbidden }) }),
    doctor: fakeDoctor({
      ecs: {
        describeService: async (_, name) => (name === 'web' ? service : undefined),
        describeCluster: async () => undefined,
        describeTaskDefinition: async () => ({
          containerDefinitions: [
            { name: 'app', image: 'example.invalid/app:1', readonlyRootFilesystem: isReadOnly },
          ],
          ...(hasTaskRole ? { taskRoleArn: 'arn:aws:iam::123456789012:role/app' } : {}),
        }),
      },
      // Missing permission for a check does not block the change.
      iam: { getRole: denied, simulate: denied },
      sts: { getCallerIdentity: denied },
    }),
    admin: fakeAdmin({
      updateService: async (change) => {
        changes.push(change);
        if (change.forceNewDeployment) {
          tasks.splice(0, tasks.length, ...after);
          const rolloutState = 'COMPLETED';
          const deployments = [{ id: 'ecs-svc/2', status: 'PRIMARY', rolloutState }];
          service = { ...service, deployments };
        }
        service = { ...service, enableExecuteCommand: change.enableExecuteCommand };
        return service;
      },
      runTask: async (request) => {
        started.push(request);
        tasks.push(sampleTask('4'.repeat(32)));
        return { tasks: tasks.slice(-1), failures: [] };
      },
      draftRevision: async () => ({
        definition: { containerDefinitions: [{ name: 'app', readonlyRootFilesystem: isReadOnly }] },
        register: async (mounts) => {
          registered.push(mounts.map(({ volume, path }) => `${volume} ${path}`));
          return 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:43';
        },
        withImage: () => ({ input: {}, register: notAsked }),
      }),
      findDaemon: async (_, name) =>
        name === 'agentd'
          ? {
              daemonArn: 'arn:aws:ecs:us-east-1:1:daemon/prod/agentd',
              capacityProviderArns: ['arn:cp'],
            }
          : undefined,
      taskOverrides: async () => ({}),
      latestServiceDeployment: async () => ({ serviceDeploymentArn: 'arn:deployment' }),
      listStoppedTasks: async () => [],
    }),
    ...confirming(answer),
  });
}

describe('enable', () => {
  it('shows the plan, asks, makes the change, waits, and suggests the next command', async () => {
    const { status, stdout, stderr } = await run(['enable', 'prod/web'], cloud(true));
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toBe(
      [
        'Service web in cluster prod:',
        '  ECS Exec of the service: off -> on',
        '  A new deployment replaces 1 running task',
        `    ${'1'.repeat(32)}`,
        '  Note: Running tasks are stopped; anything in them is lost.',
        '  Note: Other code may go live: the image has a tag and no digest, and a new deployment pulls what the tag names now: example.invalid/app:1 (app).',
        '  Note: No circuit breaker: if new tasks keep failing, ECS starts them again without end. ecsh stops watching after 15 min, and the deployment goes on.',
        '  Note: If a template manages the service, change it there too',
        '    EnableExecuteCommand: true       (CloudFormation)',
        '    enableExecuteCommand: true       (CDK)',
        '    enable_execute_command = true    (Terraform)',
        'Deployment ecs-svc/2 has begun.',
        '1 of 1 task ready',
        'ECS Exec is on, and the exec agent runs in 1 task. Role and network could not be checked as a whole; see whether a session opens:  ecsh doctor --probe prod/web',
        '  ecsh prod/web',
        '',
      ].join('\n'),
    );
    expect(changes).toEqual([
      { cluster: 'prod', service: 'web', enableExecuteCommand: true, forceNewDeployment: true },
    ]);
  });

  it('changes nothing if the answer is no', async () => {
    const { status, stderr } = await run(['enable', 'prod/web'], cloud(false));
    expect(status).toBe(1);
    expect(stderr).toContain('Nothing was changed.');
    expect(changes).toEqual([]);
  });

  it.each([
    [undefined, 130],
    ['SIGTERM', 143],
  ] as const)(
    'exits with the status of the signal if the question is canceled by %s',
    async (by, status) => {
      const app = cloud({ kind: 'cancelled', by });
      const outcome = await run(['enable', 'prod/web'], app);
      expect(outcome.status).toBe(status);
      // It prints the plan and nothing else.
      expect(outcome.stderr).toMatch(/enable_execute_command = true {4}\(Terraform\)\n$/);
      expect(changes).toEqual([]);
    },
  );

  it.each([['--no-input'], []])(
    'fails without a terminal or with --no-input: %s',
    async (...flags) => {
      const app = cloud(flags.length > 0 ? true : undefined);
      const { status, stderr } = await run(['enable', 'prod/web', ...flags], app);
      expect(status).toBe(2);
      expect(stderr).toContain(
        'ecsh: Nothing was changed: ecsh cannot ask for confirmation. [confirmation-missing]\n  Type:  ecsh enable prod/web --yes',
      );
      expect(changes).toEqual([]);
    },
  );

  it('prints one object with --json', async () => {
    const { stdout } = await run(['enable', 'prod/web', '--json', '-y'], cloud());
    expect(JSON.parse(stdout)).toEqual({
      cluster: 'prod',
      service: 'web',
      enableExecuteCommand: true,
      outcome: 'ready',
      deploymentId: 'ecs-svc/2',
      tasks: ['2'.repeat(32)],
    });
  });

  it('prints the plan and the request with --dry-run, without sending anything', async () => {
    const { status, stdout } = await run(['enable', 'prod/web', '--dry-run', '--json'], cloud());
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      changes: ['ECS Exec of the service: off -> on', 'A new deployment replaces 1 running task'],
      replaced: ['1'.repeat(32)],
      findings: [],
      request: {
        operation: 'UpdateService',
        input: { service: 'web', enableExecuteCommand: true, forceNewDeployment: true },
      },
    });
    expect(changes).toEqual([]);
  });

  it('exits at once with --no-wait, and only sets the flag with --no-redeploy', async () => {
    await run(['enable', 'prod/web', '-y', '--no-redeploy'], cloud());
    const later = await run(['enable', 'prod/web', '-y', '--no-wait', '--json'], cloud());
    expect(JSON.parse(later.stdout)).toMatchObject({ outcome: 'started' });
    expect(changes.map(({ forceNewDeployment }) => forceNewDeployment)).toEqual([false, true]);
  });

  it.each(['listTasks', 'describeTasks'] as const)(
    'needs no %s to set only the flag',
    async (denied) => {
      const app = cloud(undefined, [NEW], [denied]);
      const { status, stderr } = await run(['enable', 'prod/web', '-y', '--no-redeploy'], app);
      expect(status).toBe(0);
      expect(stderr).toContain(
        'Tasks are not replaced: those that run cannot be entered until the next deployment\n',
      );
      expect(changes.map(({ enableExecuteCommand }) => enableExecuteCommand)).toEqual([true]);
      const redeploys = await run(['enable', 'prod/web', '-y'], cloud(undefined, [NEW], [denied]));
      expect(redeploys.stderr).toContain('[access-denied]');
      expect(changes).toHaveLength(1);
    },
  );

  it('changes nothing the second time', async () => {
    service = { ...service, enableExecuteCommand: true };
    tasks = [NEW];
    const { status, stderr } = await run(['enable', 'prod/web'], cloud());
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: 'ECS Exec of service web is on already; nothing was changed.\n  ecsh prod/web\n',
    });
    expect(changes).toEqual([]);
  });

  it('suggests doctor if ECS Exec is on but the tasks cannot be entered', async () => {
    service = { ...service, enableExecuteCommand: true };
    tasks = [{ ...NEW, containers: [sampleContainer('app', { managedAgents: [] })] }];
    const { status, stderr } = await run(['enable', 'prod/web'], cloud());
    expect({ status, last: stderr.split('\n').at(-2) }).toEqual({
      status: 1,
      last: 'But 1 of 1 task cannot be entered. Find out why:  ecsh doctor prod/web',
    });
  });

  it('follows a deployment in progress, except with --no-wait', async () => {
    service = {
      ...service,
      enableExecuteCommand: true,
      deployments: [{ id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }],
    };
    tasks = [NEW];
    const first = await run(['enable', 'prod/web', '--wait', 'first'], cloud());
    expect(first.stderr).toContain('Deployment ecs-svc/2 already does this.\n1 of 1 task');
    const { status, stdout } = await run(['enable', 'prod/web', '--no-wait', '--json'], cloud());
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, outcome: 'started' });
    expect(changes).toEqual([]);
  });

  it('recognizes a rollback', async () => {
    const rolloutStateReason = 'ECS deployment circuit breaker: rolling back to ecs-svc/1.';
    const rollback = { id: 'ecs-svc/3', status: 'PRIMARY', rolloutState: 'IN_PROGRESS' };
    service = {
      ...service,
      enableExecuteCommand: true,
      deployments: [{ ...rollback, rolloutStateReason }],
    };
    const { stderr } = await run(['enable', 'prod/web', '--no-wait'], cloud());
    expect(stderr).toContain('Deployment ecs-svc/3 rolls back one that failed;');
  });

  it('keeps tasks whose replacements could not be entered either, except with --force', async () => {
    hasTaskRole = false;
    const refused = await run(['enable', 'prod/web', '-y'], cloud());
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('New tasks could not be entered either:');
    expect(refused.stderr).toContain('[preflight-failed]');
    // A command to paste ends at the end of its line.
    expect(refused.stderr).toMatch(
      /--force\.\n {2}ecsh policy trust [\s\S]*--force-new-deployment\n$/,
    );
    expect(changes).toEqual([]);
    expect((await run(['enable', 'prod/web', '-y', '--force'], cloud())).status).toBe(0);
  });

  it('exits with 124 at the timeout, and suggests how to continue', async () => {
    const app = cloud(undefined, [{ ...NEW, lastStatus: 'PENDING' }]);
    const running = run(['enable', 'prod/web', '-y', '--timeout', '20s'], app);
    await settle();
    await app.remote.clock.advance(20_000);
    const { status, stderr } = await running;
    expect(status).toBe(124);
    expect(stderr.split('\n').slice(-4)).toEqual([
      'ecsh: Not ready after 20 s: 0 of 1 task ready, 1 starting. [rollout-timeout]',
      '  The deployment continues. Watch on:  ecsh enable prod/web',
      '  Stop it:  aws ecs stop-service-deployment --service-deployment-arn arn:deployment',
      '',
    ]);
  });

  it('only stops watching on Ctrl-C', async () => {
    const app = cloud(undefined, [{ ...NEW, lastStatus: 'PENDING' }]);
    const running = run(['enable', 'prod/web', '-y'], app);
    await settle();
    await app.remote.clock.advance(1_000);
    app.signals.send('SIGINT');
    const { status, stderr } = await running;
    expect(status).toBe(130);
    expect(stderr).toContain(
      'ecsh: Stopped watching: 0 of 1 task ready, 1 starting. [interrupted]',
    );
  });

  it.each([
    ['prod/web@app', 'service-expected', 2],
    ['prod/task:ab', 'service-expected', 2],
    ['1'.repeat(32), 'service-expected', 2],
    ['prod/wib', 'service-not-found', 1],
  ])('rejects %s', async (target, code, expected) => {
    const { status, stderr } = await run(['enable', target, '-y'], cloud());
    expect({ status, has: stderr.includes(`[${code}]`) }).toEqual({ status: expected, has: true });
  });
});

describe('disable', () => {
  it('clears the flag, and keeps running tasks', async () => {
    service = { ...service, enableExecuteCommand: true };
    const { status, stderr } = await run(['disable', 'prod/web', '-y'], cloud());
    expect(status).toBe(0);
    expect(stderr).toContain('ECS Exec of service web is off.');
    expect(changes).toEqual([
      { cluster: 'prod', service: 'web', enableExecuteCommand: false, forceNewDeployment: false },
    ]);
  });
});

it('reports a managed daemon, which is not a service', async () => {
  const { status, stderr } = await run(['enable', 'prod/agentd'], cloud());
  expect(status).toBe(2);
  expect(stderr).toContain('"agentd" is a managed daemon of cluster prod, not a service.');
  expect(stderr).toContain(
    'aws ecs update-daemon --daemon-arn arn:aws:ecs:us-east-1:1:daemon/prod/agentd --daemon-task-definition-arn DAEMON_TASK_DEFINITION --capacity-provider-arns arn:cp --enable-execute-command',
  );
});

describe('enable --writable-agent-paths', () => {
  const argv = ['enable', 'prod/web', '--writable-agent-paths'];
  const MOUNTS = [
    ['ecs-exec-app-lib', '/var/lib/amazon/ssm'],
    ['ecs-exec-app-log', '/var/log/amazon/ssm'],
    ['ecs-exec-app-agents', '/managed-agents'],
  ];

  beforeEach(() => {
    isReadOnly = true;
  });

  it('is suggested for a read-only root file system', async () => {
    const { status, stderr } = await run(['enable', 'prod/web', '-y'], cloud());
    expect(status).toBe(1);
    expect(stderr).toContain('[preflight-failed]');
    expect(stderr).toContain('ecsh enable prod/web --writable-agent-paths');
  });

  it('shows the volumes, registers a revision with them, and deploys that', async () => {
    const { status, stderr } = await run([...argv, '-y'], cloud());
    expect(status, stderr).toBe(0);
    for (const [volume, path] of MOUNTS) {
      expect(stderr).toContain(`  New revision: + volume ${volume}, mounted on ${path} of app\n`);
    }
    expect(stderr).toContain('Task definition site:43 was registered.');
    expect(registered).toEqual([MOUNTS.map((mount) => mount.join(' '))]);
    expect(changes).toEqual([
      {
        cluster: 'prod',
        service: 'web',
        enableExecuteCommand: true,
        forceNewDeployment: true,
        taskDefinition: 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:43',
      },
    ]);
  });

  it('registers nothing before the answer or with --dry-run', async () => {
    expect((await run(argv, cloud(false))).status).toBe(1);
    const { status, stdout } = await run([...argv, '--dry-run'], cloud());
    expect(status).toBe(0);
    expect(stdout).toContain('New revision: + volume ecs-exec-app-lib');
    expect([registered, changes]).toEqual([[], []]);
  });

  it('also works if ECS Exec is on but its agents cannot write', async () => {
    service = { ...service, enableExecuteCommand: true };
    tasks = [{ ...OLD, enableExecuteCommand: true }];
    expect((await run([...argv, '-y'], cloud())).status).toBe(0);
    expect(changes).toHaveLength(1);
  });

  it('keeps the task definition if no root is read-only', async () => {
    isReadOnly = false;
    expect((await run([...argv, '-y'], cloud())).status).toBe(0);
    expect(registered).toEqual([]);
    expect(changes[0]).not.toHaveProperty('taskDefinition');
  });

  it('is rejected if ECS does not deploy the service', async () => {
    service = { ...service, deploymentController: { type: 'CODE_DEPLOY' }, deployments: [] };
    const { status, stderr } = await run([...argv, '-y'], cloud());
    expect(status).toBe(2);
    expect(stderr).toContain('ecsh policy task-definition prod/web');
    expect(changes).toEqual([]);
  });
});

describe('enable task', () => {
  const target = `prod/${'3'.repeat(32)}`;

  it('starts a clone and waits until it can be entered', async () => {
    const { status, stderr } = await run(['enable', 'task', target, '-y'], cloud());
    expect(status).toBe(0);
    expect(stderr.split('\n').slice(-4)).toEqual([
      `Task ${'4'.repeat(32)} was started.`,
      'Its exec agent runs. See whether a session opens:',
      `  ecsh prod/${'4'.repeat(32)}`,
      '',
    ]);
    expect(started).toMatchObject([{ enableExecuteCommand: true, startedBy: 'ecsh' }]);
  });

  it('accepts the flags of the enable command', async () => {
    const words = [
      'enable',
      'task',
      target,
      '--dry-run',
      '--json',
      '--subnet',
      's',
      '--security-group',
      'g',
    ];
    const { stdout } = await run(words, cloud());
    expect(JSON.parse(stdout)).toMatchObject({
      operation: 'RunTask',
      input: { networkConfiguration: { awsvpcConfiguration: { subnets: ['s'] } } },
    });
    expect(started).toEqual([]);
  });

  it('fails without a terminal, and suggests a command with --yes', async () => {
    const words = [
      'enable',
      'task',
      target,
      '--subnet',
      's',
      '--security-group',
      'g',
      '--public-ip',
    ];
    const { status, stderr } = await run(words, cloud());
    expect(status).toBe(2);
    expect(stderr).toContain(
      `  Type:  ecsh enable task ${target} --subnet s --security-group g --public-ip --yes\n`,
    );
  });

  it('suggests the service for a service task', async () => {
    const { status, stderr } = await run(['enable', 'task', `prod/${'1'.repeat(32)}`], cloud());
    expect(status).toBe(2);
    expect(stderr).toContain('ecsh enable prod/web');
  });
});

describe('a service that ECS does not redeploy', () => {
  it.each([
    ['CODE_DEPLOY', 'controller-code-deploy', 'aws deploy create-deployment'],
    ['EXTERNAL', 'controller-external', 'aws ecs create-task-set'],
  ])(
    'with %s gets the flag, but fails because its tasks are not replaced',
    async (type, code, command) => {
      service = { ...service, deploymentController: { type } };
      const { status, stderr } = await run(['enable', 'prod/web', '-y'], cloud());
      expect(changes).toEqual([
        expect.objectContaining({ enableExecuteCommand: true, forceNewDeployment: false }),
      ]);
      expect(stderr).toContain(`: they stay as they are. [${code}]\n`);
      expect(stderr).toContain(command);
      expect(status).toBe(1);
    },
  );

  it('succeeds with --no-redeploy', async () => {
    service = { ...service, deploymentController: { type: 'CODE_DEPLOY' } };
    const { status } = await run(['enable', 'prod/web', '-y', '--no-redeploy'], cloud());
    expect(status).toBe(0);
  });

  it('succeeds if its desired count is 0', async () => {
    service = { ...service, desiredCount: 0, deploymentController: { type: 'EXTERNAL' } };
    tasks = [];
    const { status } = await run(['enable', 'prod/web', '-y'], cloud());
    expect(status).toBe(0);
  });
});

describe('flags', () => {
  it.each<[string[], Partial<ServiceChangeOptions>]>([
    [['enable', 'prod/web'], { isOn: true, redeploy: true, wait: 'all', timeout: 900_000 }],
    [['enable', 'web', '--wait', 'first', '--timeout', '5m'], { wait: 'first', timeout: 300_000 }],
    [['enable', 'web', '--no-wait', '--no-redeploy'], { wait: false, redeploy: false }],
    [['disable', 'web'], { isOn: false, redeploy: false }],
    [['disable', 'web', '--redeploy', '--force'], { isOn: false, redeploy: true, force: true }],
  ])('%j', async (argv, expected) => {
    const options = await optionsOf<ServiceChangeOptions>((program, invocation, given) => {
      addEnableCommand(program, invocation, { service: given, task: async () => 0 });
      addDisableCommand(program, invocation, given);
    }, argv);
    expect(defined(options)).toMatchObject(expected);
  });
});
