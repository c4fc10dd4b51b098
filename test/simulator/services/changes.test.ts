import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fleet } from '#simulator/fleet/fleet.ts';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { ec2Id } from '#simulator/fleet/ids.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { readFixture } from '#test/fakes/sample-task.ts';
import { callApi, textOf, textsOf } from '#test/simulator/api/api-call.ts';

let simulator: Simulator;
let fleet: Fleet;

beforeAll(async () => {
  const containers = [{ name: 'app' }];
  const rollout = { taskStartMs: 20, agentStartMs: 10, drainMs: 10 };
  const off = { enableExecuteCommand: false, containers, rollout };
  const noRole = { family: 'roleless-job', taskDefinition: { taskRoleArn: null }, containers };
  const services = [
    { name: 'web', ...off },
    // Deployments that take so long that they are in progress throughout a test.
    { name: 'slow', ...off, rollout: { taskStartMs: 600_000 } },
    { name: 'bg', controller: 'CODE_DEPLOY', ...off },
    { name: 'roleless', hasTaskRole: false, ...off },
    {
      name: 'readonly',
      ...off,
      containers: [
        { name: 'app', path: '/image/bin', definition: { readonlyRootFilesystem: true } },
      ],
    },
    { name: 'none-yet', count: 0, ...off },
    { name: 'gone', status: 'DRAINING', ...off },
  ];
  fleet = parseFleet({
    clusters: [{ name: 'prod', services, tasks: [{ family: 'job', containers }, noRole] }],
  });
  simulator = await startSimulator({ fleet, env: process.env });
});

afterAll(() => simulator.stop());

function ecs(operation: string, input: object = {}) {
  return callApi(simulator, `AmazonEC2ContainerServiceV20141113.${operation}`, {
    cluster: 'prod',
    ...input,
  });
}

const ON = { enableExecuteCommand: true, forceNewDeployment: true };
const refusal = readFixture('service-code-deploy/update-service-error.json') as { message: string };

describe('UpdateService', () => {
  it('changes the flag without a deployment', async () => {
    await ecs('UpdateService', { service: 'bg', enableExecuteCommand: true });
    const { body } = await ecs('DescribeServices', { services: ['bg'] });
    expect(body.services).toMatchObject([{ enableExecuteCommand: true, deployments: [] }]);
  });

  it('replaces the tasks in a deployment that DescribeServiceDeployments returns', async () => {
    const { body } = await ecs('UpdateService', { service: 'web', ...ON });
    expect(body.service).toMatchObject({
      enableExecuteCommand: true,
      deployments: [
        { status: 'PRIMARY', rolloutState: 'IN_PROGRESS', pendingCount: 1 },
        { status: 'ACTIVE', rolloutState: 'COMPLETED', runningCount: 1 },
      ],
    });
    const list = await ecs('ListServiceDeployments', { service: 'web', maxResults: 1 });
    const [newest] = list.body.serviceDeployments as object[];
    const serviceDeploymentArns = [textOf(newest, 'serviceDeploymentArn'), 'arn:none'];
    const described = await ecs('DescribeServiceDeployments', { serviceDeploymentArns });
    expect(described.body).toMatchObject({
      serviceDeployments: [{ serviceDeploymentArn: serviceDeploymentArns[0] }],
      failures: [{ arn: 'arn:none', reason: 'MISSING' }],
    });
    await expect
      .poll(async () => (await ecs('DescribeServices', { services: ['web'] })).body.services)
      .toMatchObject([{ deployments: [{ status: 'PRIMARY', rolloutState: 'COMPLETED' }] }]);
    const { body: stopped } = await ecs('ListTasks', {
      serviceName: 'web',
      desiredStatus: 'STOPPED',
    });
    expect(textsOf(stopped, 'taskArns')).toHaveLength(1);
  });

  it.each([
    ['bg', 'InvalidParameterException', refusal.message],
    [
      'roleless',
      'InvalidParameterException',
      "The service couldn't be updated because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.",
    ],
    ['gone', 'ServiceNotActiveException', 'Service was not ACTIVE.'],
    ['none', 'ServiceNotFoundException', 'Service not found.'],
  ])('rejects %s', async (service, type, message) => {
    const answer = await ecs('UpdateService', { service, ...ON });
    expect(answer).toEqual({ status: 400, body: { __type: type, message } });
  });

  it('rejects fields that it does not simulate', async () => {
    const { body } = await ecs('UpdateService', { service: 'web', loadBalancers: [] });
    expect(body.message).toBe('The simulator does not change loadBalancers.');
  });
});

describe('StopServiceDeployment', () => {
  it('rejects an unknown deployment', async () => {
    const answer = await ecs('StopServiceDeployment', { serviceDeploymentArn: 'arn:none' });
    expect(answer.body.__type).toBe('ServiceDeploymentNotFoundException');
  });

  it('stops a deployment only while it is in progress', async () => {
    await ecs('UpdateService', { service: 'slow', ...ON });
    const { body } = await ecs('ListServiceDeployments', { service: 'slow' });
    const [newest, older] = body.serviceDeployments as object[];
    const serviceDeploymentArn = textOf(newest, 'serviceDeploymentArn');
    const stopped = await ecs('StopServiceDeployment', { serviceDeploymentArn });
    expect(stopped.body).toEqual({ serviceDeploymentArn });
    const done = { serviceDeploymentArn: textOf(older, 'serviceDeploymentArn') };
    expect((await ecs('StopServiceDeployment', done)).body.__type).toBe('ConflictException');
  });
});

describe('RunTask', () => {
  const twin = {
    taskDefinition: 'job',
    launchType: 'FARGATE',
    enableExecuteCommand: true,
    startedBy: 'ecsh',
    networkConfiguration: { awsvpcConfiguration: { subnets: [ec2Id('subnet', 'default')] } },
  };

  it('starts one task per client token', async () => {
    const { body } = await ecs('RunTask', { ...twin, clientToken: 'one' });
    const [task] = body.tasks as object[];
    expect(task).toMatchObject({ lastStatus: 'PROVISIONING', startedBy: 'ecsh' });
    const again = await ecs('RunTask', { ...twin, clientToken: 'one' });
    expect(again.body.tasks).toMatchObject([{ taskArn: textOf(task, 'taskArn') }]);
  });

  it.each([
    [{ taskDefinition: 'nope' }, 'TaskDefinition not found.'],
    [
      { taskDefinition: 'roleless-job' },
      "The service couldn't be updated because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.",
    ],
    [
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    ],
    [
      { networkConfiguration: null },
      "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    ],
  ])('rejects %j', async (change, message) => {
    const { status, body } = await ecs('RunTask', { ...twin, ...change });
    expect({ status, message: body.message }).toEqual({ status: 400, message });
  });
});

describe('UpdateCluster', () => {
  const read = async () =>
    (await ecs('DescribeClusters', { clusters: ['prod'], include: ['CONFIGURATIONS'] })).body
      .clusters;

  it('replaces the whole configuration', async () => {
    const first = {
      executeCommandConfiguration: {
        kmsKeyId: 'key',
        logging: 'OVERRIDE',
        logConfiguration: { cloudWatchLogGroupName: '/exec' },
      },
      managedStorageConfiguration: { kmsKeyId: 'storage' },
    };
    await ecs('UpdateCluster', { configuration: first });
    expect(await read()).toMatchObject([{ configuration: first }]);
    const second = { executeCommandConfiguration: { logging: 'NONE' } };
    await ecs('UpdateCluster', { configuration: second });
    expect(await read()).toEqual([expect.objectContaining({ configuration: second })]);
  });

  it('rejects a log destination without OVERRIDE', async () => {
    const executeCommandConfiguration = {
      logging: 'DEFAULT',
      logConfiguration: { s3BucketName: 'b' },
    };
    const answer = await ecs('UpdateCluster', { configuration: { executeCommandConfiguration } });
    const { name, message } = readFixture('cluster-logging/update-cluster-error.json') as {
      name: string;
      message: string;
    };
    expect(answer).toEqual({ status: 400, body: { __type: name, message } });
  });
});

describe('RegisterTaskDefinition', () => {
  const app = { name: 'app', image: 'example.invalid/app:2', memory: 128 };
  const describeDefinition = async (taskDefinition: string) =>
    (await ecs('DescribeTaskDefinition', { taskDefinition })).body.taskDefinition;

  it('counts revisions, and returns each one as registered', async () => {
    const given = { family: 'fresh', containerDefinitions: [app], networkMode: 'bridge' };
    const { body } = await ecs('RegisterTaskDefinition', { ...given, cluster: undefined });
    expect(body).toEqual({
      taskDefinition: {
        taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/fresh:1',
        family: 'fresh',
        revision: 1,
        status: 'ACTIVE',
        networkMode: 'bridge',
        containerDefinitions: [
          {
            ...app,
            cpu: 0,
            essential: true,
            environment: [],
            mountPoints: [],
            portMappings: [],
            volumesFrom: [],
          },
        ],
        volumes: [],
        placementConstraints: [],
        compatibilities: ['EC2'],
        registeredAt: expect.any(Number),
        registeredBy: 'arn:aws:iam::123456789012:user/simulator',
      },
    });
    await ecs('RegisterTaskDefinition', { ...given, containerDefinitions: [{ ...app, cpu: 9 }] });
    expect(await describeDefinition('fresh')).toMatchObject({
      revision: 2,
      containerDefinitions: [{ cpu: 9 }],
    });
    expect(await describeDefinition('fresh:1')).toEqual(body.taskDefinition);
    const families = await ecs('ListTaskDefinitionFamilies', { familyPrefix: 'fre' });
    expect(families.body).toEqual({ families: ['fresh'] });
  });

  it.each<[string, object]>([
    ['Family can not be blank.', { containerDefinitions: [app] }],
    ['Family contains invalid characters.', { family: 'a/b', containerDefinitions: [app] }],
    ['Container list cannot be empty.', { family: 'x' }],
    [
      'Container.name should not be null or empty.',
      { family: 'x', containerDefinitions: [{ ...app, name: '' }] },
    ],
    [
      'Container.image should not be null or empty.',
      { family: 'x', containerDefinitions: [{ name: 'app' }] },
    ],
    [
      "Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified.",
      { family: 'x', containerDefinitions: [{ ...app, memory: undefined }] },
    ],
  ])('fails with: %s', async (message, input) => {
    const answer = await ecs('RegisterTaskDefinition', input);
    expect(answer).toEqual({ status: 400, body: { __type: 'ClientException', message } });
  });

  it('registers a revision that UpdateService deploys in new tasks with the same programs', async () => {
    const { definition, ...revised } = await nextOf('readonly');
    expect(definition).toMatchObject({ revision: 1 });
    await ecs('RegisterTaskDefinition', revised);
    const { body } = await ecs('UpdateService', {
      service: 'readonly',
      taskDefinition: 'readonly',
    });
    const arn = (revision: number) =>
      `arn:aws:ecs:us-east-1:123456789012:task-definition/readonly:${revision}`;
    expect(body.service).toMatchObject({
      taskDefinition: arn(2),
      deployments: [{ taskDefinition: arn(2) }, { taskDefinition: arn(1) }],
    });
    await expect
      .poll(async () => (await ecs('DescribeServices', { services: ['readonly'] })).body.services)
      .toMatchObject([{ deployments: [{ rolloutState: 'COMPLETED' }] }]);
    const listed = await ecs('ListTasks', { serviceName: 'readonly' });
    const tasks = textsOf(listed.body, 'taskArns');
    const described = await ecs('DescribeTasks', { tasks });
    expect(described.body.tasks).toMatchObject([
      { taskDefinitionArn: arn(2), containers: [{ image: 'example.invalid/app:2' }] },
    ]);
    const [container] =
      fleet.clusters[0]?.services.find(({ name }) => name === 'readonly')?.template?.containers ??
      [];
    expect(container?.path).toBe('/image/bin');
    expect(await describeDefinition(arn(1))).toEqual(definition);
  });

  /** The registered definition with a change, like the printed fix. */
  async function nextOf(family: string) {
    const definition = await describeDefinition(family);
    return { definition, family, memory: '512', containerDefinitions: [app] };
  }
});

describe('UpdateService of other settings', () => {
  it('starts and stops tasks to match the desired count, without a deployment', async () => {
    const { body } = await ecs('UpdateService', { service: 'none-yet', desiredCount: 2 });
    expect(body.service).toMatchObject({
      desiredCount: 2,
      pendingCount: 2,
      deployments: [{ rolloutState: 'COMPLETED', desiredCount: 2 }],
    });
    await ecs('UpdateService', { service: 'none-yet', desiredCount: 1 });
    const running = await ecs('ListTasks', { serviceName: 'none-yet' });
    expect(textsOf(running.body, 'taskArns')).toHaveLength(1);
  });

  it('replaces the tasks on a change of the platform version', async () => {
    await ecs('UpdateService', { service: 'none-yet', desiredCount: 1, platformVersion: 'LATEST' });
    const { body } = await ecs('DescribeServices', { services: ['none-yet'] });
    expect(body.services).toMatchObject([
      { platformVersion: '1.4.0', deployments: [{ status: 'PRIMARY' }, { status: 'ACTIVE' }] },
    ]);
  });

  it('rejects a missing task definition, and any for a CodeDeploy service', async () => {
    const refusals = await Promise.all([
      ecs('UpdateService', { service: 'bg', taskDefinition: 'bg' }),
      ecs('UpdateService', { service: 'web', taskDefinition: 'none' }),
    ]);
    expect(refusals.map(({ body }) => body.message)).toEqual([
      'Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.',
      'TaskDefinition not found.',
    ]);
  });
});
