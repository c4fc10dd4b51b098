import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultFleet } from '../../src/simulator/default-fleet.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { authorization, callApi, textsOf } from './api-call.ts';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ fleet: defaultFleet(), env: process.env });
});

afterAll(() => simulator.stop());

function ecs(operation: string, input: object = {}) {
  return callApi(simulator, `AmazonEC2ContainerServiceV20141113.${operation}`, input);
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
      clusterArns: ['demo', 'secure', 'empty'].map(
        (name) => `arn:aws:ecs:us-east-1:123456789012:cluster/${name}`,
      ),
    });
  });

  it('pages with nextToken until there is nothing more', async () => {
    const pages: number[] = [];
    let nextToken: unknown;
    do {
      const { body } = await ecs('ListServices', { cluster: 'demo', maxResults: 3, nextToken });
      pages.push(textsOf(body, 'serviceArns').length);
      nextToken = body.nextToken;
    } while (nextToken !== undefined);
    expect(pages).toEqual([3, 3, 1]);
  });

  it('shows a task with times as numbers of seconds', async () => {
    const { body } = await ecs('DescribeTasks', { cluster: 'demo', tasks: [await taskOf('web')] });
    expect(body).toMatchObject({
      failures: [],
      tasks: [
        {
          group: 'service:web',
          lastStatus: 'RUNNING',
          enableExecuteCommand: true,
          createdAt: 1_767_225_600,
          containers: [
            {
              name: 'app',
              managedAgents: [
                {
                  name: 'ExecuteCommandAgent',
                  lastStatus: 'RUNNING',
                  lastStartedAt: 1_767_225_625,
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it('reports what is missing as a failure', async () => {
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
  ])('refuses to execute in service %s', async (service, type, message) => {
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
  ])('answers %s with an error of its type', async (operation, input, type, message) => {
    expect(await ecs(operation, input)).toEqual({ status: 400, body: { __type: type, message } });
  });

  it('insists on interactive sessions', async () => {
    const { body } = await ecs('ExecuteCommand', {
      cluster: 'demo',
      task: await taskOf('web'),
      command: 'sh',
      interactive: false,
    });
    expect(body.message).toBe('Interactive is the only mode supported currently.');
  });

  it('refuses requests without a signature', async () => {
    const target = 'AmazonEC2ContainerServiceV20141113.ListClusters';
    expect((await callApi(simulator, target, {}, {})).body).toEqual({
      __type: 'MissingAuthenticationTokenException',
      message: 'Missing Authentication Token',
    });
  });

  it('looks like an empty account from another region', async () => {
    const target = 'AmazonEC2ContainerServiceV20141113.ListClusters';
    const elsewhere = { authorization: authorization('eu-west-1') };
    expect((await callApi(simulator, target, {}, elsewhere)).body).toEqual({ clusterArns: [] });
  });

  it('keeps a log of calls', async () => {
    const before = simulator.calls.length;
    await ecs('ListTasks', { cluster: 'nope' });
    expect(simulator.calls.slice(before)).toEqual([
      { operation: 'ListTasks', at: expect.any(Number), error: 'ClusterNotFoundException' },
    ]);
  });
});
