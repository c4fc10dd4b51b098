import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasAwsCli, runAws } from '../helpers/aws-cli.ts';
import { Lab } from '../helpers/e2e.ts';

describe.skipIf(!hasAwsCli)('the AWS CLI against ecsh simulate', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start('default');
  });

  afterAll(() => lab.stop());

  const aws = (...args: readonly string[]) => runAws(lab, ...args);

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
