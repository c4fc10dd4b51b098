import { describe, expect, it } from 'vitest';
import type { ClusterDetails } from '#domain/ports/ecs-responses.ts';
import {
  type Case,
  container,
  OFF,
  STOPPED,
  service,
  setup,
  WINDOWS,
  windows,
  without,
} from '#test/fakes/doctor-setup.ts';
import { clusterIn, diagnosisOf, KEY, type World } from '#test/fakes/doctor-world.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

const AWSLOGS = {
  logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/ecs/web' } },
};
const FIRELENS = { logConfiguration: { logDriver: 'awsfirelens' } };
const PRIMARY = { id: 'ecs-svc/2', status: 'PRIMARY', rolloutState: 'COMPLETED' };
const OLDER = { id: 'ecs-svc/1', status: 'ACTIVE', rolloutState: 'COMPLETED' };
const ROLLING = { ...PRIMARY, rolloutState: 'IN_PROGRESS', rolloutStateReason: 'In progress.' };
const startedBy = (id: string) => sampleTask('a1', { startedBy: id });
const CODE_DEPLOY = { deploymentController: { type: 'CODE_DEPLOY' } };

function cluster(details: ClusterDetails | undefined, world: World = container({})): World {
  const { answers } = world;
  return { ...world, answers: { ecs: { ...answers?.ecs, describeCluster: async () => details } } };
}

describe.each<[id: string, cases: readonly Case[]]>([
  [
    'cluster-active',
    [
      ['passes', cluster(clusterIn('none')), 'pass', /prod is ACTIVE/],
      ['fails for a deleted cluster', cluster(clusterIn('inactive')), 'fail', /prod is INACTIVE/],
      ['fails for a cluster that does not exist', cluster(undefined), 'fail', /prod is MISSING/],
      ['is unknown without permission', without('describeCluster'), 'unknown', /lack permission/],
    ],
  ],
  [
    'logging-mode',
    [
      [
        'warns if the cluster does not set logging',
        cluster(clusterIn('absent')),
        'warn',
        /not recorded.*says nothing/,
      ],
      [
        'warns if the cluster does not set logging, even though awslogs records sessions',
        cluster(clusterIn('absent'), container(AWSLOGS)),
        'warn',
        /recorded to log group \/ecs\/web; the cluster itself says nothing/,
      ],
      [
        'warns if the cluster does not set logging and the task definition is unreadable',
        cluster(clusterIn('absent'), without('describeTaskDefinition')),
        'warn',
        /where the container logs with awslogs; the cluster itself says nothing/,
      ],
      ['warns about NONE', cluster(clusterIn('none')), 'warn', /not recorded \(logging is NONE\)/],
      [
        'passes for DEFAULT with awslogs',
        cluster(clusterIn('default'), container(AWSLOGS)),
        'pass',
        /log group \/ecs\/web\.$/,
      ],
      [
        'warns about DEFAULT without awslogs',
        cluster(clusterIn('default'), container(FIRELENS)),
        'warn',
        /does not log with awslogs/,
      ],
      ['passes with a log group', cluster(clusterIn('override-cloudwatch')), 'pass', /log group/],
      ['passes with a bucket', cluster(clusterIn('override-s3')), 'pass', /bucket/],
      [
        'is unknown for DEFAULT if the task definition is unreadable',
        cluster(clusterIn('default'), without('describeTaskDefinition')),
        'unknown',
        /where the container logs/,
      ],
      ['is skipped without a cluster', cluster(undefined), 'skip', /no cluster/],
    ],
  ],
  [
    'kms-configured',
    [
      ['is skipped without a key', cluster(clusterIn('none')), 'skip', /no session key/],
      ['names the key', cluster(clusterIn('kms-only')), 'info', new RegExp(KEY)],
    ],
  ],
  [
    'image-log-tools',
    [
      [
        'is skipped if sessions are not recorded',
        cluster(clusterIn('none')),
        'skip',
        /not recorded/,
      ],
      [
        'names the tools that the image needs',
        cluster(clusterIn('override-s3')),
        'info',
        /script and cat in app/,
      ],
      [
        'is skipped on Windows',
        cluster(clusterIn('override-s3'), windows({}, WINDOWS)),
        'skip',
        /Windows/,
      ],
    ],
  ],
  [
    'service-flag-drift',
    [
      ['passes', service({}), 'pass', /has ECS Exec on/],
      [
        'fails for a task launched before ECS Exec was turned on',
        service({}, OFF),
        'fail',
        /launched before that/,
      ],
      [
        'warns that the next task will lack ECS Exec',
        service({ enableExecuteCommand: false }),
        'warn',
        /the next task cannot be entered/,
      ],
      [
        'passes if ECS Exec is off for both the service and the task',
        service({ enableExecuteCommand: false }, OFF),
        'pass',
        /off/,
      ],
      ['is unknown without permission', without('describeService'), 'unknown', /lack permission/],
      [
        'is skipped without a service',
        setup({ answers: { ecs: { describeService: async () => undefined } } }),
        'skip',
        /no service/,
      ],
    ],
  ],
  [
    'service-rollout',
    [
      [
        'passes',
        service({ deployments: [PRIMARY] }, startedBy('ecs-svc/2')),
        'pass',
        /No deployment/,
      ],
      [
        'warns during a deployment',
        service({ deployments: [ROLLING, OLDER] }, startedBy('ecs-svc/2')),
        'warn',
        /ecs-svc\/2 is IN_PROGRESS \(In progress\)\. This task belongs to the primary one/,
      ],
      [
        'warns about a task from an older deployment',
        service({ deployments: [PRIMARY, OLDER] }, startedBy('ecs-svc/1')),
        'warn',
        /This task belongs to an older one/,
      ],
      [
        'warns about a failed deployment',
        service({ deployments: [PRIMARY, { ...OLDER, rolloutState: 'FAILED' }] }),
        'warn',
        /ecs-svc\/1 is FAILED/,
      ],
      [
        'is skipped if ECS does not deploy the service',
        service({ ...CODE_DEPLOY }),
        'skip',
        /does not deploy/,
      ],
    ],
  ],
  [
    'service-controller',
    [
      ['passes', service({}), 'pass', /ECS deploys/],
      ['reports CodeDeploy as info', service(CODE_DEPLOY), 'info', /CODE_DEPLOY/],
      ['fails if tasks must be replaced', service(CODE_DEPLOY, OFF), 'fail', /will not replace/],
      [
        'fails if ECS Exec must be turned on',
        service({ ...CODE_DEPLOY, enableExecuteCommand: false }),
        'fail',
        /CODE_DEPLOY/,
      ],
      [
        'fails for an external controller too',
        service({ deploymentController: { type: 'EXTERNAL' } }, OFF),
        'fail',
        /EXTERNAL/,
      ],
    ],
  ],
])('%s', (id, cases) => {
  it.each(cases)('%s', async (_, world, status, message) => {
    const result = (await diagnosisOf(world)).of(id);
    expect(result).toMatchObject({ status, message: expect.stringMatching(message) });
  });
});

describe('a service that ECS does not deploy', () => {
  const REPEAT =
    'aws deploy create-deployment --cli-input-json "$(\n  aws deploy get-deployment --deployment-id d-1 --query';
  const byCodeDeploy = { ...CODE_DEPLOY, taskSets: [{ status: 'PRIMARY', externalId: 'd-1' }] };

  it('gets its last CodeDeploy deployment repeated after ECS Exec is turned on', async () => {
    const { of } = await diagnosisOf(service({ ...byCodeDeploy }, OFF));
    for (const id of ['exec-enabled', 'service-flag-drift', 'service-controller'] as const) {
      expect(of(id).fix?.command, id).toContain(
        `ecsh enable prod/web --no-redeploy &&\n  ${REPEAT}`,
      );
    }
  });

  it('gets a plain request for a deployment if ECS does not name the last one', async () => {
    const { of } = await diagnosisOf(service(CODE_DEPLOY, OFF));
    expect(of('service-flag-drift').fix).toEqual({
      summary: 'Turn it on. Start a CodeDeploy deployment with the same AppSpec.',
      command: 'ecsh enable prod/web --no-redeploy',
    });
  });

  it.each(['CODE_DEPLOY', 'EXTERNAL'])('never gets a forced deployment: %s', async (type) => {
    const given = service(
      { deploymentController: { type } },
      sampleTask('a1', { containers: [STOPPED] }),
    );
    const bare = { containerDefinitions: [{ name: 'app', readonlyRootFilesystem: true }] };
    const { results } = await diagnosisOf({ ...given, definition: bare });
    const commands = results.flatMap(({ fix }) => fix?.command ?? []);
    expect(
      commands.filter((command) => /ecsh restart|--force-new-deployment/.test(command)),
    ).toEqual([]);
    expect(commands.filter((command) => /ecsh enable (?!.*--no-redeploy)/.test(command))).toEqual(
      [],
    );
  });

  it.each([
    [CODE_DEPLOY, /PlatformVersion LATEST in the AppSpec/],
    [{ deploymentController: { type: 'EXTERNAL' } }, /task set with platform version LATEST/],
  ])('gets a new platform version through its controller: %j', async (controller, summary) => {
    const old = sampleTask('a1', {
      platformVersion: '1.3.0',
      containers: [sampleContainer('app', { managedAgents: [] })],
    });
    const { fix } = (await diagnosisOf(service(controller, old))).of('fargate-platform-version');
    expect(fix).toEqual({ summary: expect.stringMatching(summary) });
  });
});

it('names the rollback that started the task without ECS Exec', async () => {
  const reason = 'ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.';
  const primary = { id: 'ecs-svc/3', status: 'PRIMARY', rolloutStateReason: reason };
  const given = service({ deployments: [primary] }, { ...OFF, startedBy: 'ecs-svc/3' });
  const { of } = await diagnosisOf(given);
  for (const id of ['exec-enabled', 'service-flag-drift'] as const) {
    expect(of(id)).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(
        /Deployment ecs-svc\/3 started it in place of one that failed/,
      ),
      fix: {
        summary: 'Repair what made the last deployment fail, then turn it on again',
        command: 'ecsh enable prod/web',
      },
    });
  }
});
