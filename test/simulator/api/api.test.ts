import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { defaultFleet } from '#simulator/fleet/default-fleet.ts';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { callApi, recordsOf, textsOf } from '#test/simulator/api/api-call.ts';

/** The reference time of ages in the fleet, in seconds since the epoch. */
const NOW = 1_767_225_600;
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ fleet: defaultFleet(NOW), env: process.env });
});

afterAll(() => simulator.stop());

function ecs(operation: string, input: object = {}) {
  return callApi(simulator, `AmazonEC2ContainerServiceV20141113.${operation}`, input);
}

const ID = 'a'.repeat(32);
const PENDING_ID = 'b'.repeat(32);
const STOPPED_ID = 'c'.repeat(32);

/** Calls a separate account in which everything has tags. */
async function callTagged(operation: string, input: object) {
  const tags = { team: 'shop' };
  const containers = [{ name: 'app' }];
  const service = {
    name: 's',
    tags,
    capacityProvider: 'FARGATE_SPOT',
    desiredCount: 3,
    rolloutState: 'IN_PROGRESS',
    events: ['second', 'first'],
    tasks: [
      { id: ID, tags, containers },
      { id: PENDING_ID, lastStatus: 'PENDING', containers },
      { id: STOPPED_ID, lastStatus: 'STOPPED', containers },
    ],
  };
  const fleet = parseFleet({
    clusters: [
      { name: 'c', tags, services: [service] },
      { name: 'gone', status: 'INACTIVE' },
    ],
  });
  const account = await startSimulator({ fleet, env: process.env });
  onTestFinished(() => account.stop());
  return callApi(account, `AmazonEC2ContainerServiceV20141113.${operation}`, input);
}

async function taskOf(serviceName: string, cluster = 'demo'): Promise<string> {
  const { body } = await ecs('ListTasks', { cluster, serviceName });
  return textsOf(body, 'taskArns')[0] ?? '';
}

const NOT_READY =
  "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn't running. Wait and try again or run a new task with execute command enabled and try again.";

describe('API of the simulator', () => {
  it('lists clusters by ARN', async () => {
    const { body } = await ecs('ListClusters');
    expect(body).toEqual({
      clusterArns: ['demo', 'prod', 'secure', 'empty'].map(
        (name) => `arn:aws:ecs:us-east-1:123456789012:cluster/${name}`,
      ),
    });
  });

  it('pages with nextToken until the list ends', async () => {
    const pages: number[] = [];
    let nextToken: unknown;
    do {
      const { body } = await ecs('ListServices', { cluster: 'demo', maxResults: 3, nextToken });
      pages.push(textsOf(body, 'serviceArns').length);
      nextToken = body.nextToken;
    } while (nextToken !== undefined);
    expect(pages).toEqual([3, 3, 1]);
  });

  it('returns the times of a task as numbers of seconds', async () => {
    const { body } = await ecs('DescribeTasks', { cluster: 'demo', tasks: [await taskOf('web')] });
    expect(body).toMatchObject({
      failures: [],
      tasks: [
        {
          group: 'service:web',
          lastStatus: 'RUNNING',
          enableExecuteCommand: true,
          createdAt: NOW - 7_200,
          containers: [
            {
              name: 'app',
              managedAgents: [
                {
                  name: 'ExecuteCommandAgent',
                  lastStatus: 'RUNNING',
                  lastStartedAt: NOW - 7_175,
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it.each([
    ['DescribeClusters', { clusters: ['c'] }, 'clusters', []],
    ['DescribeServices', { cluster: 'c', services: ['s'] }, 'services', undefined],
    ['DescribeTasks', { cluster: 'c', tasks: [ID] }, 'tasks', []],
  ])('%s returns tags only on request', async (operation, input, key, without) => {
    const tags = async (include: readonly string[]) => {
      const { body } = await callTagged(operation, { ...input, include });
      return recordsOf(body, key)[0]?.tags;
    };
    expect(await tags([])).toEqual(without);
    expect(await tags(['TAGS'])).toEqual([{ key: 'team', value: 'shop' }]);
    expect(await tags(['LABELS'])).toBeUndefined();
  });

  it('returns a capacity provider strategy instead of a launch type, counts, events and the rollout', async () => {
    const { body } = await callTagged('DescribeServices', { cluster: 'c', services: ['s'] });
    const [service] = recordsOf(body, 'services');
    expect(service).toMatchObject({
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }],
      desiredCount: 3,
      runningCount: 1,
      pendingCount: 1,
      events: [{ message: 'second' }, { message: 'first' }],
      deployments: [{ status: 'PRIMARY', desiredCount: 3, rolloutState: 'IN_PROGRESS' }],
    });
    expect(service).not.toHaveProperty('launchType');
  });

  it('lists stopped tasks separately, and rejects a deleted cluster', async () => {
    const listed = async (input: object) => {
      const { body } = await callTagged('ListTasks', input);
      return body.taskArns ?? body;
    };
    const arn = (id: string) => `arn:aws:ecs:us-east-1:123456789012:task/c/${id}`;
    expect(await listed({ cluster: 'c' })).toEqual([arn(ID), arn(PENDING_ID)]);
    expect(await listed({ cluster: 'c', desiredStatus: 'STOPPED' })).toEqual([arn(STOPPED_ID)]);
    expect(await listed({ cluster: 'c', desiredStatus: 'PENDING' })).toEqual([]);
    expect(await listed({ cluster: 'c', desiredStatus: 'BUSY' })).toMatchObject({
      __type: 'InvalidParameterException',
    });
    expect(await listed({ cluster: 'gone' })).toEqual({
      __type: 'ClusterNotFoundException',
      message: 'The referenced cluster was inactive.',
    });
  });

  it('reports a missing task as a failure', async () => {
    const { body } = await ecs('DescribeTasks', { cluster: 'demo', tasks: ['abc'] });
    expect(body).toEqual({
      tasks: [],
      failures: [{ arn: 'arn:aws:ecs:us-east-1:123456789012:task/demo/abc', reason: 'MISSING' }],
    });
  });

  it.each([
    ['off', 'InvalidParameterException', NOT_READY],
    ['stopped-agent', 'InvalidParameterException', NOT_READY],
    ['pending-agent', 'InvalidParameterException', NOT_READY],
    [
      'ghost',
      'TargetNotConnectedException',
      'The execute command failed due to an internal error. Try again later.',
    ],
    [
      'pair',
      'InvalidParameterException',
      'Container name is required when the task has more than one container.',
    ],
  ])('rejects ExecuteCommand in service %s', async (service, type, message) => {
    const task = await taskOf(service);
    const answer = await ecs('ExecuteCommand', {
      cluster: 'demo',
      task,
      command: 'sh',
      interactive: true,
    });
    expect(answer).toEqual({ status: 400, body: { __type: type, message } });
  });

  it.each([
    ['ListTasks', { cluster: 'nope' }, 'ClusterNotFoundException', 'Cluster not found.'],
    [
      'ListTasks',
      { cluster: 'demo', serviceName: 'nope' },
      'ServiceNotFoundException',
      'Service not found.',
    ],
    ['DeleteEverything', {}, 'UnknownOperationException', ''],
    [
      'DescribeTasks',
      { cluster: 'demo', tasks: Array.from({ length: 101 }, (_, i) => `${i}`) },
      'InvalidParameterException',
      'Tasks cannot have more than 100 elements.',
    ],
  ])('rejects %s with the error type of ECS', async (operation, input, type, message) => {
    expect(await ecs(operation, input)).toEqual({ status: 400, body: { __type: type, message } });
  });

  it('requires interactive sessions', async () => {
    const { body } = await ecs('ExecuteCommand', {
      cluster: 'demo',
      task: await taskOf('web'),
      command: 'sh',
      interactive: false,
    });
    expect(body.message).toBe('Interactive is the only mode supported currently.');
  });

  it('is an empty account in another region', async () => {
    const target = 'AmazonEC2ContainerServiceV20141113.ListClusters';
    expect((await callApi(simulator, target, {}, { region: 'eu-west-1' })).body).toEqual({
      clusterArns: [],
    });
  });

  it('keeps a log of calls', async () => {
    const before = simulator.calls.length;
    await ecs('ListTasks', { cluster: 'nope' });
    expect(simulator.calls.slice(before)).toEqual([
      { operation: 'ListTasks', at: expect.any(Number), error: 'ClusterNotFoundException' },
    ]);
  });
});
