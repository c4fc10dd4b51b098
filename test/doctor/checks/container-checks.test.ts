import { describe, expect, it } from 'vitest';
import {
  type Case,
  container,
  definition,
  STOPPED,
  WINDOWS,
  windows,
  without,
} from '#test/fakes/doctor-setup.ts';
import { diagnosisOf, EC2_TASK, TASK } from '#test/fakes/doctor-world.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

const STOPPED_TASK = sampleTask('a1', { containers: [STOPPED] });
const SHARED_TASK = sampleTask('a1', { containers: [STOPPED, sampleContainer('web')] });
const AGENT_MOUNTS = ['/var/lib/amazon/ssm', '/var/log/amazon/ssm', '/managed-agents'].map(
  (containerPath) => ({ containerPath }),
);
const readOnly = { readonlyRootFilesystem: true };
const noTask = { task: undefined } as const;

describe.each<[id: string, cases: readonly Case[]]>([
  [
    'readonly-root-fs',
    [
      ['passes', container({}), 'pass', /writable/],
      ['fails', container(readOnly, STOPPED_TASK), 'fail', /^app has a read-only root file system/],
      ['warns if the agent runs anyway', container(readOnly), 'warn', /read-only/],
      [
        'warns if volumes are mounted for the agent',
        container({ ...readOnly, mountPoints: AGENT_MOUNTS }, STOPPED_TASK),
        'warn',
        /read-only/,
      ],
      [
        'fails if one of the volumes is missing',
        container({ ...readOnly, mountPoints: AGENT_MOUNTS.slice(1) }, STOPPED_TASK),
        'fail',
        /read-only/,
      ],
      [
        'fails if the volumes are read-only themselves',
        container(
          { ...readOnly, mountPoints: AGENT_MOUNTS.map((mount) => ({ ...mount, readOnly: true })) },
          STOPPED_TASK,
        ),
        'fail',
        /read-only/,
      ],
      ['is skipped on Windows', windows(readOnly, WINDOWS), 'skip', /Windows/],
      [
        'is skipped for a container that is not in the definition',
        definition({ containerDefinitions: [] }),
        'skip',
        /^app is not in the task definition/,
      ],
      [
        'is unknown without permission to describe the task definition',
        without('describeTaskDefinition'),
        'unknown',
        /you lack permission for ecs:DescribeTaskDefinition/,
      ],
      ['is skipped without a task', { ...container({}), ...noTask }, 'skip', /no task/],
    ],
  ],
  [
    'init-process',
    [
      ['passes', container({ linuxParameters: { initProcessEnabled: true } }), 'pass', /has an/],
      ['warns', container({}), 'warn', /no init process, .* zombie/],
      [
        'is skipped if the PID namespace is shared',
        definition({ pidMode: 'task' }),
        'skip',
        /shared/,
      ],
      ['is skipped on Windows', windows({}, WINDOWS), 'skip', /Windows/],
    ],
  ],
  [
    'pid-mode',
    [
      ['is skipped if every container has its own namespace', container({}), 'skip', /its own/],
      [
        'fails if the agent runs in another container',
        definition({ pidMode: 'task' }, SHARED_TASK),
        'fail',
        /pidMode: task.* Here it is web, not app\.$/,
      ],
      [
        'warns if the agent runs in this container',
        definition(
          { pidMode: 'task' },
          {
            ...TASK,
            containers: [
              sampleContainer('app'),
              sampleContainer('web', { managedAgents: STOPPED.managedAgents }),
            ],
          },
        ),
        'warn',
        /^All containers of the task share one PID namespace.* allows one session per namespace\. .* Here it is app\.$/,
      ],
      [
        'passes for the only container of a task',
        definition({ pidMode: 'task' }),
        'pass',
        /only container of the task/,
      ],
      [
        'warns for pidMode host, where all containers of the instance share a namespace',
        definition({ pidMode: 'host' }, SHARED_TASK),
        'warn',
        /^All containers of the instance share/,
      ],
    ],
  ],
  [
    'task-role',
    [
      ['passes', container({}), 'pass', /role\/app-task-role/],
      [
        'passes with a role from the overrides',
        definition(
          { taskRoleArn: undefined },
          sampleTask('a1', { overrides: { taskRoleArn: 'arn:r', containers: [] } }),
        ),
        'pass',
        /arn:r/,
      ],
      [
        'fails on Fargate',
        definition({ taskRoleArn: undefined }),
        'fail',
        /no task role.* execution role does not count/,
      ],
      [
        'fails on your own host',
        definition({ taskRoleArn: undefined }, { ...EC2_TASK, launchType: 'EXTERNAL' }),
        'fail',
        /no task role/,
      ],
      [
        'warns on EC2, where the instance has a role',
        definition({ taskRoleArn: undefined }, EC2_TASK),
        'warn',
        /falls back to the role of the instance/,
      ],
      [
        'is unknown without permission to describe the task definition',
        without('describeTaskDefinition'),
        'unknown',
        /you lack permission/,
      ],
    ],
  ],
  [
    'memory-headroom',
    [
      ['passes', container({ memory: 512 }), 'pass', /512 MiB/],
      ['warns', container({ memory: 64 }), 'warn', /64 MiB/],
      [
        'uses the memory of an override',
        container(
          { memory: 512 },
          sampleTask('a1', {
            overrides: { containers: [{ name: 'app', environment: [], memory: 100 }] },
          }),
        ),
        'warn',
        /100 MiB/,
      ],
      ['uses the memory of the task', definition({ memory: '1024' }), 'pass', /1024 MiB/],
      ['is skipped without a limit', container({}, EC2_TASK), 'skip', /no memory limit/],
    ],
  ],
  [
    'cpu-headroom',
    [
      ['passes', container({ cpu: 256 }), 'pass', /enough CPU/],
      ['passes without a value', container({}), 'pass', /enough CPU/],
      [
        'reports very few CPU units as info',
        container({ cpu: 10 }),
        'info',
        /app has 10 CPU units of 1024/,
      ],
    ],
  ],
  [
    'linux-capabilities',
    [
      ['passes', container({}), 'pass', /keeps/],
      [
        'reports that all capabilities are dropped',
        container({ linuxParameters: { capabilities: { drop: ['ALL'] } } }),
        'info',
        /drops all/,
      ],
      [
        'reports that new privileges are forbidden',
        container({ dockerSecurityOptions: ['no-new-privileges:true'] }, EC2_TASK),
        'info',
        /forbids new privileges/,
      ],
      ['is skipped on Windows', windows({}, WINDOWS), 'skip', /Windows/],
    ],
  ],
  [
    'restart-policy',
    [
      ['passes', container({ restartPolicy: { enabled: false } }), 'pass', /does not restart/],
      ['warns', container({ restartPolicy: { enabled: true } }), 'warn', /has a restart policy/],
    ],
  ],
])('%s', (id, cases) => {
  it.each(cases)('%s', async (_, world, status, message) => {
    const result = (await diagnosisOf(world)).of(id);
    expect(result).toMatchObject({ status, message: expect.stringMatching(message) });
    expect(result.fix !== undefined).toBe(
      ['fail', 'warn'].includes(status) || hasInfoFix(id, world),
    );
  });
});

/** Info results need no fix, but these two have one. */
function hasInfoFix(id: string, { definition: given }: { readonly definition?: object }): boolean {
  const text = JSON.stringify(given);
  if (id === 'cpu-headroom') return text.includes('"cpu":10');
  return id === 'linux-capabilities' && text.includes('"ALL"');
}

it('suggests volumes for a read-only root if ECS deploys the service, and a writable root for a standalone task', async () => {
  const given = container(readOnly, STOPPED_TASK);
  const ofService = (await diagnosisOf(given)).of('readonly-root-fs').fix;
  expect(ofService?.command).toBe('ecsh enable prod/web --writable-agent-paths');
  const standalone = await diagnosisOf({ ...given, service: undefined });
  expect(standalone.of('readonly-root-fs').fix?.command).toContain(
    '.readonlyRootFilesystem = false',
  );
});

it('suggests one change to the task definition, and a deployment if there is a service', async () => {
  const service = (await diagnosisOf(container({}))).of('init-process');
  expect(service.fix?.command?.split('\n')).toEqual([
    'aws ecs register-task-definition --cli-input-json "$(',
    '  aws ecs describe-task-definition --task-definition site:42 --include TAGS --output json |',
    expect.stringMatching(
      /^ {2}jq '\.tags as \$tags \| \.taskDefinition \| del\(.*\) \| .*"app"\)\)\.linuxParameters\.initProcessEnabled = true \| if .* then \.tags = \$tags else \. end'\)" &&$/,
    ),
    '  aws ecs update-service --cluster prod --service web --task-definition site --force-new-deployment',
  ]);
});

it('checks the chosen container', async () => {
  const { of } = await diagnosisOf({ ...container({}), task: TASK });
  expect(of('init-process').message).toMatch(/^app /);
});
