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
      [
        'fails for one that was deleted',
        cluster(clusterIn('inactive')),
        'fail',
        /prod is INACTIVE/,
      ],
      ['fails for one that is not there', cluster(undefined), 'fail', /prod is MISSING/],
      ['is unknown without permission', without('describeCluster'), 'unknown', /lack permission/],
    ],
  ],
  [
    'logging-mode',
    [
      [
        'warns where nothing is said',
        cluster(clusterIn('absent')),
        'warn',
        /not recorded.*says nothing/,
      ],
      [
        'warns where nothing is said, though awslogs works',
        cluster(clusterIn('absent'), container(AWSLOGS)),
        'warn',
        /recorded to log group \/ecs\/web; the cluster itself says nothing/,
      ],
      [
        'warns where nothing is said, whatever the container does',
        cluster(clusterIn('absent'), without('describeTaskDefinition')),
        'warn',
        /where the container logs with awslogs; the cluster itself says nothing/,
      ],
      ['warns of NONE', cluster(clusterIn('none')), 'warn', /not recorded \(logging is NONE\)/],
      [
        'passes by default with awslogs',
        cluster(clusterIn('default'), container(AWSLOGS)),
        'pass',
        /log group \/ecs\/web\.$/,
      ],
      [
        'warns by default without it',
        cluster(clusterIn('default'), container(FIRELENS)),
        'warn',
        /does not log with awslogs/,
      ],
      ['passes with a log group', cluster(clusterIn('override-cloudwatch')), 'pass', /log group/],
      ['passes with a bucket', cluster(clusterIn('override-s3')), 'pass', /bucket/],
      [
        'does not know by default, where the definition is closed',
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
      ['is skipped without one', cluster(clusterIn('none')), 'skip', /no session key/],
      ['tells it', cluster(clusterIn('kms-only')), 'info', new RegExp(KEY)],
    ],
  ],
  [
    'image-log-tools',
    [
      ['is skipped where nothing is recorded', cluster(clusterIn('none')), 'skip', /not recorded/],
      ['remarks', cluster(clusterIn('override-s3')), 'info', /script and cat in app/],
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
      ['fails for a task that is older', service({}, OFF), 'fail', /launched before that/],
      [
        'warns of the next task',
        service({ enableExecuteCommand: false }),
        'warn',
        /the next task cannot be entered/,
      ],
      ['passes where both are off', service({ enableExecuteCommand: false }, OFF), 'pass', /off/],
      ['is unknown without permission', without('describeService'), 'unknown', /lack permission/],
      [
        'is skipped where there is none',
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
        'warns while one goes on',
        service({ deployments: [ROLLING, OLDER] }, startedBy('ecs-svc/2')),
        'warn',
        /ecs-svc\/2 is IN_PROGRESS \(In progress\)\. This task belongs to the primary one/,
      ],
      [
        'warns of a task of an older one',
        service({ deployments: [PRIMARY, OLDER] }, startedBy('ecs-svc/1')),
        'warn',
        /This task belongs to an older one/,
      ],
      [
        'warns of one that failed',
        service({ deployments: [PRIMARY, { ...OLDER, rolloutState: 'FAILED' }] }),
        'warn',
        /ecs-svc\/1 is FAILED/,
      ],
      [
        'is skipped where ECS does not deploy',
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
      ['remarks', service(CODE_DEPLOY), 'info', /CODE_DEPLOY/],
      [
        'fails where tasks have to be replaced',
        service(CODE_DEPLOY, OFF),
        'fail',
        /will not replace/,
      ],
      [
        'fails where it has to be turned on',
        service({ ...CODE_DEPLOY, enableExecuteCommand: false }),
        'fail',
        /CODE_DEPLOY/,
      ],
      [
        'fails for another controller alike',
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

  it('has its CodeDeploy deployment repeated, once the flag is set', async () => {
    const { of } = await diagnosisOf(service({ ...byCodeDeploy }, OFF));
    for (const id of ['exec-enabled', 'service-flag-drift', 'service-controller'] as const) {
      expect(of(id).fix?.command, id).toContain(
        `ecsh enable prod/web --no-redeploy &&\n  ${REPEAT}`,
      );
    }
  });

  it('is asked for a deployment where ECS does not name the last one', async () => {
    const { of } = await diagnosisOf(service(CODE_DEPLOY, OFF));
    expect(of('service-flag-drift').fix).toEqual({
      summary: 'Turn it on. Start a CodeDeploy deployment with the same AppSpec.',
      command: 'ecsh enable prod/web --no-redeploy',
    });
  });

  it.each(['CODE_DEPLOY', 'EXTERNAL'])('never has a deployment forced: %s', async (type) => {
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
  ])('gets a platform by its controller: %j', async (controller, summary) => {
    const old = sampleTask('a1', {
      platformVersion: '1.3.0',
      containers: [sampleContainer('app', { managedAgents: [] })],
    });
    const { fix } = (await diagnosisOf(service(controller, old))).of('fargate-platform-version');
    expect(fix).toEqual({ summary: expect.stringMatching(summary) });
  });
});

it('names a rollback as what started the task without ECS Exec', async () => {
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
