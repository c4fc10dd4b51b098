import { describe, expect, it } from 'vitest';
import { serviceLines } from '#commands/describe/service-lines.ts';
import { taskLines } from '#commands/describe/task-lines.ts';
import { servicePage } from '#describe/service-page.ts';
import { taskPage } from '#describe/task-page.ts';
import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { displayWidth } from '#ui/display-width.ts';

const NOW = Date.UTC(2026, 2, 1, 15);
const ago = (minutes: number) => new Date(NOW - minutes * 60_000);
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

const RUNNING = sampleTask('a'.repeat(32), {
  startedAt: ago(180),
  attachments: [
    {
      type: 'ElasticNetworkInterface',
      details: { privateIPv4Address: '10.0.0.7', subnetId: 's-1' },
    },
  ],
  containers: [
    sampleContainer('app', {
      image: 'example.com/web:2',
      imageDigest: DIGEST,
      healthStatus: 'HEALTHY',
    }),
    sampleContainer('log', {
      managedAgents: [{ name: 'ExecuteCommandAgent', lastStatus: 'STOPPED', reason: 'gone' }],
    }),
  ],
});

const STOPPED = sampleTask('b'.repeat(32), {
  lastStatus: 'STOPPED',
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited.',
  startedAt: ago(60),
  stoppedAt: ago(45),
  containers: [
    sampleContainer('app', {
      lastStatus: 'STOPPED',
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    }),
  ],
});

const SERVICE: ServiceDetails = {
  serviceName: 'web',
  status: 'ACTIVE',
  desiredCount: 2,
  runningCount: 1,
  pendingCount: 1,
  taskDefinition: 'arn:aws:ecs:us-east-1:1:task-definition/site:42',
  launchType: 'FARGATE',
  platformVersion: 'LATEST',
  enableExecuteCommand: true,
  createdAt: ago(60 * 24 * 30),
  networkConfiguration: {
    awsvpcConfiguration: {
      subnets: ['subnet-1'],
      securityGroups: ['sg-1'],
      assignPublicIp: 'ENABLED',
    },
  },
  deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 },
  deployments: [
    {
      id: 'ecs-svc/2',
      status: 'PRIMARY',
      taskDefinition: 'arn:aws:ecs:us-east-1:1:task-definition/site:42',
      desiredCount: 2,
      runningCount: 1,
      pendingCount: 1,
      failedTasks: 3,
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: 'ECS deployment ecs-svc/2 in progress.',
      createdAt: ago(46),
    },
  ],
  events: [{ createdAt: ago(3), message: '(service web) was unable to place\u001b[31m a task.' }],
};

const page = servicePage({
  cluster: 'prod',
  service: SERVICE,
  definition: { containerDefinitions: [{ name: 'app', image: 'example.com/web:2' }] },
  tasks: [RUNNING],
  stopped: [STOPPED],
  flags: {},
});

const view = (width: number | undefined) => ({
  width,
  now: NOW,
  style: (_: string, text: string) => text,
});

describe('the page of a service', () => {
  it('prints whole lines to a pipe', () => {
    expect(serviceLines(page, view(undefined))).toEqual([
      'Service web in cluster prod: ACTIVE, 1 of 2 tasks running, 1 pending',
      '  Task definition  site:42',
      '  Images           app: example.com/web:2',
      '  Launch           FARGATE, platform LATEST',
      '  ECS Exec         on, ready in 1 of 1 task',
      '  Deployed by      ECS, ROLLING, 100 to 200 % healthy, circuit breaker off',
      '  Network          subnet-1, sg-1, public address yes',
      '  Created          30d ago',
      '',
      'Deployments',
      '  STATUS   STATE        DEFINITION  RUNNING  PENDING  FAILED  AGE  ID',
      '  PRIMARY  IN_PROGRESS  site:42         1/2        1       3  46m  ecs-svc/2',
      '  ecs-svc/2: ECS deployment ecs-svc/2 in progress.',
      '',
      'Tasks',
      '  TASK                              STATUS   EXEC   HEALTH   AGE  DEFINITION  ADDRESS',
      `  ${'a'.repeat(32)}  RUNNING  ready  HEALTHY   3h  site:42     10.0.0.7`,
      '',
      'Last stopped tasks',
      `  45m   ${'b'.repeat(32)} EssentialContainerExited: Essential container in task exited; app: exit 137: OutOfMemoryError: Container killed due to memory usage`,
      '',
      'Events',
      '  3m    (service web) was unable to place\\x1b[31m a task.',
    ]);
  });

  it('fits a terminal of 40 columns', () => {
    expect(serviceLines(page, view(40))).toEqual([
      'Service web in cluster prod: ACTIVE, 1',
      'of 2 tasks running, 1 pending',
      '  Task definition  site:42',
      '  Images',
      '    app: example.com/web:2',
      '  Launch',
      '    FARGATE, platform LATEST',
      '  ECS Exec',
      '    on, ready in 1 of 1 task',
      '  Deployed by',
      '    ECS, ROLLING, 100 to 200 % healthy,',
      '    circuit breaker off',
      '  Network',
      '    subnet-1, sg-1, public address yes',
      '  Created          30d ago',
      '',
      'Deployments',
      '  STATUS   STATE        RUNNING',
      '  PRIMARY  IN_PROGRESS      1/2',
      '  ecs-svc/2: ECS deployment ecs-svc/2 in',
      '  progress.',
      '',
      'Tasks',
      '  TASK          STATUS   EXEC   AGE',
      `  ${'a'.repeat(12)}  RUNNING  ready   3h`,
      '',
      'Last stopped tasks',
      `  45m   ${'b'.repeat(12)}`,
      '        EssentialContainerExited:',
      '        Essential container in task',
      '        exited; app: exit 137:',
      '        OutOfMemoryError: Container',
      '        killed due to memory usage',
      '',
      'Events',
      '  3m    (service web) was unable to',
      '        place\\x1b[31m a task.',
    ]);
  });

  it.each([40, 60, 80, 100, 120, 200])('has no line wider than the terminal: %d', (width) => {
    for (const lines of [
      serviceLines(page, view(width)),
      taskLines(taskPage(RUNNING, {}), view(width)),
      taskLines(taskPage(STOPPED, {}), view(width)),
    ]) {
      expect(lines.filter((line) => displayWidth(line) > width)).toEqual([]);
    }
  });

  it('reports missing permission to list stopped tasks', () => {
    const lines = serviceLines({ ...page, stopped: null }, view(80));
    expect(lines).toContain('  They may not be listed with these credentials.');
  });

  it.each([
    ['CODE_DEPLOY', 'AWS CodeDeploy'],
    ['EXTERNAL', 'an external controller'],
  ])('names the deployment controller: %s', (controller, text) => {
    expect(serviceLines({ ...page, controller }, view(80))).toContain(`  Deployed by      ${text}`);
  });
});

describe('the page of a task', () => {
  it('shows the state, image and exec agent of each container', () => {
    expect(taskLines(taskPage(RUNNING, {}), view(80))).toEqual([
      `Task ${'a'.repeat(32)} of service web in cluster prod: RUNNING`,
      '  Task definition  site:42',
      '  Launch           FARGATE, platform 1.4.0',
      '  Network          10.0.0.7, s-1',
      '  ECS Exec         on',
      '  Started          3h ago, 2026-03-01T12:00:00.000Z',
      '',
      'Container app: RUNNING, HEALTHY',
      '  Image            example.com/web:2',
      '  Digest           sha256:0123456789ab',
      '  Exec             ready',
      '',
      'Container log: RUNNING',
      '  Exec             exec-agent-not-running: The exec agent of container log is',
      '                   STOPPED (gone).',
    ]);
  });

  it('reports why it stopped', () => {
    const lines = taskLines(taskPage(STOPPED, {}), view(undefined));
    expect(lines.slice(0, 2)).toEqual([
      `Task ${'b'.repeat(32)} of service web in cluster prod: STOPPED`,
      '  Stopped because  EssentialContainerExited: Essential container in task exited.',
    ]);
    expect(lines.slice(-4)).toEqual([
      '',
      'Container app: STOPPED',
      '  Exited           exit 137: OutOfMemoryError: Container killed due to memory usage',
      '  Runtime id       runtime-of-app',
    ]);
  });
});
