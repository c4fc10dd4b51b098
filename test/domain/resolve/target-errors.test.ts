import { describe, expect, it } from 'vitest';
import { resolveContainerTarget } from '#domain/resolve/resolve.ts';
import { type FakeFleet, fakeEcs } from '#test/fakes/fake-ecs.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

const ID_A = 'aaaa0000000000000000000000000001';
const ID_B = 'aaab0000000000000000000000000002';
const ID_C = 'cccc0000000000000000000000000003';
const ID_D = 'dddd0000000000000000000000000004';

/** Services web (two tasks) and worker (none), and a standalone task of family report. */
const FLEET: FakeFleet = {
  clusters: {
    prod: [
      sampleTask(ID_A),
      sampleTask(ID_B, { containers: [sampleContainer('app'), sampleContainer('log')] }),
      sampleTask(ID_C, { group: 'family:report' }),
    ],
    staging: [],
  },
  services: ['web', 'worker'],
  families: ['report', 'reply', 'site'],
  state: { desiredCount: 2, pendingCount: 0 },
};

interface Case {
  readonly target: string;
  readonly cluster?: string;
  readonly container?: string;
  readonly strict?: boolean;
  readonly code: string;
  readonly says: string;
  readonly hint: string;
}

const LIST_CLUSTERS = 'List the clusters of this account and region:  ecsh ls clusters';
const LIST_SERVICES = 'List its services:  ecsh ls services prod';
const ARN = 'arn:aws:ecs:us-east-1:123456789012';
const FORMS = 'A target is [CLUSTER/]NAME[@CONTAINER] or a task ARN, for example: prod/web@app';

/** All wrong and ambiguous targets, with the message and the hint. */
const CASES: readonly Case[] = [
  {
    target: 'prod/',
    code: 'target-invalid',
    says: '"prod/" names a cluster and nothing in it.',
    hint: 'Name a service or task, as prod/NAME. List them:  ecsh ls prod',
  },
  {
    target: 'root@prod/web',
    code: 'target-invalid',
    says: 'What follows @ is a container, not a host.',
    hint: 'The user is -u:  ecsh -u root prod/web',
  },
  {
    target: 'prod',
    code: 'cluster-not-found',
    says: 'prod is a cluster; TARGET is something in one.',
    hint: 'Choose a service in it:  ecsh prod/\nList what is in it:  ecsh ls prod',
  },
  {
    target: 'wep',
    code: 'cluster-not-found',
    says: 'No cluster was named, and there is no cluster "default" in us-east-1.',
    hint: `Name it as CLUSTER/NAME or with --cluster. There are: prod, staging. ${LIST_CLUSTERS}`,
  },
  {
    target: 'prd/web',
    code: 'cluster-not-found',
    says: 'There is no cluster "prd" in us-east-1.',
    hint: `Did you mean prod? ${LIST_CLUSTERS}`,
  },
  {
    target: 'web/prod',
    code: 'cluster-not-found',
    says: 'There is no cluster "web" in us-east-1.',
    hint: `"prod" is a cluster: did you mean prod/web? ${LIST_CLUSTERS}`,
  },
  {
    target: 'web',
    cluster: 'stagin',
    code: 'cluster-not-found',
    says: 'There is no cluster "stagin" in us-east-1.',
    hint: `Did you mean staging? ${LIST_CLUSTERS}`,
  },
  {
    target: 'web',
    code: 'cluster-not-found',
    says: 'No cluster was named, and there is no cluster "default" in us-east-1.',
    hint: 'Did you mean one of these?  ecsh prod/web  or  ecsh staging/web',
  },
  {
    target: `${ARN}:task/${ID_A}`,
    code: 'cluster-not-found',
    says: 'No cluster was named, and there is no cluster "default" in us-east-1.',
    hint: `Name it as CLUSTER/NAME or with --cluster. There are: prod, staging. ${LIST_CLUSTERS}`,
  },
  {
    target: 'prod/wbe',
    code: 'service-not-found',
    says: 'Cluster prod has no service "wbe".',
    hint: `Did you mean web? ${LIST_SERVICES}`,
  },
  {
    target: 'prod/database',
    code: 'service-not-found',
    says: 'Cluster prod has no service "database".',
    hint: `There are: web, worker. ${LIST_SERVICES}`,
  },
  {
    target: 'prod/service:aaaa',
    code: 'service-not-found',
    says: 'Cluster prod has no service "aaaa".',
    hint: `There are: web, worker. ${LIST_SERVICES}`,
  },
  {
    target: `${ARN}:service/prod/wrker`,
    code: 'service-not-found',
    says: 'Cluster prod has no service "wrker".',
    hint: `Did you mean worker? ${LIST_SERVICES}`,
  },
  {
    target: 'prod/report',
    code: 'service-not-found',
    says: 'Cluster prod has no service "report".',
    hint: `It runs tasks of a family of that name: did you mean prod/family:report? List its tasks:  ecsh ls tasks prod`,
  },
  {
    target: 'prod/worker',
    code: 'no-running-task',
    says: 'Service worker in cluster prod has no running task (2 desired).',
    hint: 'See why the last ones stopped:  ecsh ls tasks prod --service worker --status stopped --wide',
  },
  {
    target: 'prod/family:repotr',
    code: 'family-not-found',
    says: 'There is no task definition family "repotr".',
    hint: 'Did you mean report?',
  },
  {
    target: 'prod/family:site',
    code: 'no-running-task',
    says: 'No task of family site is running in cluster prod.',
    hint: 'Look at the stopped ones:  ecsh ls tasks prod --family site --status stopped --wide',
  },
  {
    target: 'prod/family:zebra',
    code: 'no-running-task',
    says: 'No task of family zebra is running in cluster prod.',
    hint: 'Look at the stopped ones:  ecsh ls tasks prod --family zebra --status stopped --wide',
  },
  {
    target: 'prod/aaa',
    code: 'target-ambiguous',
    says: 'Several tasks start with "aaa".',
    hint: `Give more of the id: ${ID_A}, ${ID_B}`,
  },
  {
    target: 'prod/task:AAA',
    code: 'target-ambiguous',
    says: 'Several tasks start with "aaa".',
    hint: `Give more of the id: ${ID_A}, ${ID_B}`,
  },
  {
    target: 'prod/ee',
    code: 'service-not-found',
    says: 'Cluster prod has no service "ee".',
    hint: `There are: web, worker. ${LIST_SERVICES}`,
  },
  {
    target: 'prod/task:ee',
    code: 'task-not-found',
    says: 'Cluster prod runs no task whose id begins with ee.',
    hint: 'For a stopped task, give the whole id. List the running ones:  ecsh ls tasks prod',
  },
  {
    target: `prod/${ID_D}`,
    code: 'task-not-found',
    says: `Cluster prod has no task ${ID_D}. ECS forgets a stopped task after about an hour.`,
    hint: 'Check cluster, --region and --profile, or list the tasks:  ecsh ls tasks prod',
  },
  {
    target: `${ARN}:task/prod/${ID_D}`,
    code: 'task-not-found',
    says: `Cluster prod has no task ${ID_D}. ECS forgets a stopped task after about an hour.`,
    hint: 'Check cluster, --region and --profile, or list the tasks:  ecsh ls tasks prod',
  },
  {
    target: 'prod/web',
    strict: true,
    code: 'target-ambiguous',
    says: '2 tasks of service web are running.',
    hint: `Name one of them, or leave out --strict: ${ID_A}, ${ID_B}`,
  },
  {
    target: `prod/${ID_A}@ap`,
    code: 'container-not-found',
    says: `Task ${ID_A} has no container "ap".`,
    hint: 'Did you mean app? Its containers: app. Choose one with -c CONTAINER.',
  },
  {
    target: `prod/${ID_A}`,
    container: 'database',
    code: 'container-not-found',
    says: `Task ${ID_A} has no container "database".`,
    hint: 'Its containers: app. Choose one with -c CONTAINER.',
  },
  {
    target: `prod/${ID_B}`,
    code: 'container-ambiguous',
    says: `Task ${ID_B} has several containers: app, log.`,
    hint: 'Choose one with -c, for example: -c app',
  },
  {
    target: `prod/${ID_B}@app`,
    container: 'log',
    code: 'container-conflict',
    says: 'The target says container "app" and -c says "log".',
    hint: 'Name the container once, either as TARGET@CONTAINER or with -c CONTAINER.',
  },
  ...[
    ['', 'the name is empty'],
    ['/web', 'the cluster before "/" is empty'],
    ['prod/web@', 'the container after @ is empty'],
    ['@app', 'the name is empty'],
    ['prod/service:', 'the name is empty'],
    ['a/b/c/d', 'it has more than one "/"'],
    ['service:prod/task:web', 'it has two prefixes, "service:" and "task:"'],
    ['prod/task:web', '"web" is not a task id (hex digits)'],
    ['prod/we b', '"we b" is not a name (letters, digits, "-" and "_" only)'],
    [`${ARN}:taskset/prod`, 'this ARN names a taskset; give a task or a service'],
    [`${ARN}:task/prod/`, 'this is not a complete ARN'],
    ['arn:aws:s3:::bucket', 'this is an ARN of s3, not of ecs'],
  ].map(([target = '', problem]) => ({
    target,
    code: 'target-invalid',
    says: `Cannot read the target "${target}": ${problem}.`,
    hint: FORMS,
  })),
];

describe('a wrong target, and its hint', () => {
  it.each(CASES)('$target $cluster $container', async (given) => {
    const { target, cluster, container, strict, code, says, hint } = given;
    const found = resolveContainerTarget(fakeEcs(FLEET), { target, cluster, container, strict });
    await expect(found).rejects.toMatchObject({
      name: 'EcshError',
      code,
      message: says,
      hint,
      exitCode: 255,
    });
  });

  it.each(['svc/web', 'pod/web', 'deployment/web'])(
    'has a kind before the name: %s',
    async (target) => {
      const [kind] = target.split('/');
      await expect(resolveContainerTarget(fakeEcs(FLEET), { target })).rejects.toMatchObject({
        code: 'cluster-not-found',
        message: `There is no cluster "${kind}" in us-east-1.`,
        hint: `TARGET is CLUSTER/NAME, with no kind such as ${kind}/. Did you mean one of these?  ecsh prod/web  or  ecsh staging/web\n${LIST_CLUSTERS}`,
      });
    },
  );

  it('is a deleted cluster that is still listed for a while', async () => {
    const ecs = { ...fakeEcs(FLEET), listClusters: async () => [`${ARN}:cluster/gone`] };
    await expect(resolveContainerTarget(ecs, { target: 'gone/web' })).rejects.toMatchObject({
      code: 'cluster-not-found',
      message: 'Cluster "gone" has been deleted.',
      hint: LIST_CLUSTERS,
    });
  });

  it('is explained even without permission to list anything', async () => {
    const denied = [
      'listClusters',
      'listServices',
      'listFamilies',
      'describeServiceState',
    ] as const;
    const ecs = fakeEcs({ ...FLEET, denied });
    const codeOf = async (target: string) => {
      const error = await resolveContainerTarget(ecs, { target }).catch(
        (reason: unknown) => reason,
      );
      return Object(error).code;
    };
    expect(await codeOf('prd/web')).toBe('cluster-not-found');
    expect(await codeOf('prod/wbe')).toBe('service-not-found');
    expect(await codeOf('prod/family:repotr')).toBe('no-running-task');
    expect(await codeOf('prod/worker')).toBe('no-running-task');
  });
});

describe('an ARN', () => {
  it.each([
    ['aws', 'us-east-1'],
    ['aws-cn', 'cn-north-1'],
    ['aws-us-gov', 'us-gov-west-1'],
    ['aws-iso', 'us-iso-east-1'],
    ['aws-iso-b', 'us-isob-east-1'],
    ['aws-eusc', 'eusc-de-east-1'],
  ])('of partition %s is taken, in the old format and the new', async (partition, region) => {
    const prefix = `arn:${partition}:ecs:${region}:123456789012`;
    for (const target of [`${prefix}:task/prod/${ID_A}`, `${prefix}:task/${ID_A}`]) {
      const found = await resolveContainerTarget(fakeEcs(FLEET), { target, cluster: 'prod' });
      expect(found.task.taskArn).toContain(ID_A);
    }
    const target = `${prefix}:service/prod/web`;
    expect((await resolveContainerTarget(fakeEcs(FLEET), { target })).task.group).toBe(
      'service:web',
    );
  });
});
