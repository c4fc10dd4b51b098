import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../helpers/e2e.ts';
import { isInstalled } from '../helpers/program.ts';

const hasAwsCli = isInstalled('aws', '--version');

describe.skipIf(!hasAwsCli)('the AWS CLI against ecsh simulate', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start('default');
  });

  afterAll(() => lab.stop());

  /** The CLI may need what a version manager sets in our environment. */
  const aws = async (...args: readonly string[]): Promise<unknown> => {
    const own = Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const env = { ...Object.fromEntries(own), ...lab.environment, HOME: process.env.HOME ?? '/' };
    const program = lab.startProgram(['aws', '--output', 'json', ...args], { env });
    const { status, stdout, stderr } = await program.finished;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout);
  };

  it.concurrent('lists services', async () => {
    const names = ['web', 'sidecars', 'pair', 'off', 'stopped-agent', 'pending-agent', 'ghost'];
    expect(await aws('ecs', 'list-services', '--cluster', 'demo')).toEqual({
      serviceArns: names.map((name) => `arn:aws:ecs:us-east-1:123456789012:service/demo/${name}`),
    });
  });

  it.concurrent('lists the tasks of a service, and describes one of them', async () => {
    const listed = await aws('ecs', 'list-tasks', '--cluster', 'demo', '--service-name', 'pair');
    const arn = 'arn:aws:ecs:us-east-1:123456789012:task/demo/8cd53122acbba559757371989926fe6c';
    expect(listed).toEqual({ taskArns: [arn] });
    const described = await aws('ecs', 'describe-tasks', '--cluster', 'demo', '--tasks', arn);
    const agent = { name: 'ExecuteCommandAgent', lastStatus: 'RUNNING' };
    const container = { lastStatus: 'RUNNING', managedAgents: [expect.objectContaining(agent)] };
    expect(described).toEqual({
      tasks: [
        expect.objectContaining({
          taskArn: arn,
          clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/demo',
          group: 'service:pair',
          lastStatus: 'RUNNING',
          enableExecuteCommand: true,
          containers: [
            expect.objectContaining({ name: 'api', ...container }),
            expect.objectContaining({ name: 'worker', ...container }),
          ],
        }),
      ],
      failures: [],
    });
  });

  it.concurrent('gets an error it understands', async () => {
    const args = ['ecs', 'list-tasks', '--cluster', 'nosuch'];
    const env = { ...lab.environment, HOME: process.env.HOME ?? '/' };
    const seen = await lab.startProgram(['aws', ...args], { env }).finished;
    expect(seen).toEqual({
      // 254 from version 2 on.
      status: expect.toBeOneOf([254, 255]),
      stdout: '',
      stderr: expect.stringContaining('(ClusterNotFoundException)'),
    });
  });
});
