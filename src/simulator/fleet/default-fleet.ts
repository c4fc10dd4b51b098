import type { Fleet } from './fleet.ts';
import { parseFleet } from './fleet-file.ts';

/** What `ecsh simulate` shows without a fleet file: one example of each thing that matters to exec. */
export function defaultFleet(): Fleet {
  return parseFleet({
    // Nothing for ssmmessages: why the agent of `ghost` is not connected.
    roles: [{ name: 'ghost-task', allow: ['logs:*'] }],
    // Something to forward to behind a container.
    hosts: [{ name: 'api.internal', ports: { '80': 'http' } }],
    clusters: [
      {
        name: 'demo',
        logging: 'DEFAULT',
        services: DEMO_SERVICES,
        tasks: [{ family: 'batch', containers: [{ name: 'job' }] }],
      },
      {
        name: 'secure',
        kmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555',
        logging: 'DEFAULT',
        services: [{ name: 'vault', containers: [{ name: 'app' }] }],
      },
      { name: 'empty' },
    ],
  });
}

const DEMO_SERVICES = [
  { name: 'web', revision: 7, count: 2, containers: [{ name: 'app', ports: { '80': 'http' } }] },
  {
    name: 'sidecars',
    containers: [
      { name: 'ecs-service-connect-a1B2c3', essential: true },
      { name: 'app' },
      { name: 'aws-guardduty-agent-x7Yz9Q', essential: false },
    ],
  },
  { name: 'pair', containers: [{ name: 'api' }, { name: 'worker' }] },
  { name: 'off', enableExecuteCommand: false, containers: [{ name: 'app' }] },
  {
    name: 'stopped-agent',
    containers: [
      {
        name: 'app',
        definition: { readonlyRootFilesystem: true },
        agentStatus: 'STOPPED',
        agentReason: 'ExecuteCommandAgent process exited with exit code: 1',
      },
    ],
  },
  { name: 'pending-agent', containers: [{ name: 'app', agentStatus: 'PENDING' }] },
  {
    name: 'ghost',
    taskDefinition: { taskRoleArn: 'arn:aws:iam::123456789012:role/ghost-task' },
    containers: [{ name: 'app', isConnected: false }],
  },
] as const;
