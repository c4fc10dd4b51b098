import { WEB_FILES, WORKER_FILES } from './demo-files.ts';
import type { Fleet } from './fleet.ts';
import { parseFleet } from './fleet-file.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555';

/**
 * The fleet of `ecsh simulate` without a fleet file: one example of each situation that matters to exec. `now` is
 * in seconds since the epoch; ages are relative to it.
 */
export function defaultFleet(now = Math.floor(Date.now() / 1000)): Fleet {
  const age = (seconds: number) => ({ createdAt: now - seconds });
  return parseFleet({
    // It has no permission for ssmmessages, so the agent of `ghost` is not connected.
    roles: [{ name: 'ghost-task', allow: ['logs:*'] }],
    // A host to forward to through a container.
    hosts: [{ name: 'api.internal', ports: { '80': 'http' } }],
    clusters: [
      {
        name: 'demo',
        logging: 'DEFAULT',
        services: demoServices(age),
        tasks: [{ family: 'batch', ...age(20 * 60), containers: [{ name: 'job' }] }],
      },
      { name: 'prod', logging: 'DEFAULT', services: prodServices(age) },
      {
        name: 'secure',
        kmsKeyId: KEY,
        logging: 'DEFAULT',
        services: [{ name: 'vault', ...age(40 * DAY), containers: [{ name: 'app' }] }],
      },
      { name: 'empty' },
    ],
  });
}

type Age = (seconds: number) => { readonly createdAt: number };

const WEB = {
  name: 'app',
  image: 'example.com/web:2.4.1',
  workdir: '/app',
  files: WEB_FILES,
  definition: { command: ['/app/server.sh'] },
  ports: { '80': 'http' },
};

function demoServices(age: Age): readonly object[] {
  return [
    {
      name: 'web',
      revision: 7,
      ...age(90 * DAY),
      tasks: [2 * HOUR, 119 * 60].map((seconds) => ({ ...age(seconds), containers: [WEB] })),
    },
    {
      name: 'sidecars',
      ...age(3 * DAY),
      containers: [
        { name: 'ecs-service-connect-a1B2c3', essential: true },
        { name: 'app' },
        { name: 'aws-guardduty-agent-x7Yz9Q', essential: false },
      ],
    },
    { name: 'pair', ...age(11 * DAY), containers: [{ name: 'api' }, { name: 'worker' }] },
    { name: 'off', ...age(30 * DAY), enableExecuteCommand: false, containers: [{ name: 'app' }] },
    {
      name: 'stopped-agent',
      ...age(5 * HOUR),
      containers: [
        {
          name: 'app',
          definition: { readonlyRootFilesystem: true },
          agentStatus: 'STOPPED',
          agentReason: 'ExecuteCommandAgent process exited with exit code: 1',
        },
      ],
    },
    {
      name: 'pending-agent',
      ...age(60),
      containers: [{ name: 'app', agentStatus: 'PENDING' }],
    },
    {
      name: 'ghost',
      ...age(4 * DAY),
      taskDefinition: { taskRoleArn: 'arn:aws:iam::123456789012:role/ghost-task' },
      containers: [{ name: 'app', isConnected: false }],
    },
  ];
}

function prodServices(age: Age): readonly object[] {
  const worker = {
    name: 'worker',
    image: 'example.com/worker:2.4.1',
    workdir: '/app',
    files: WORKER_FILES,
    definition: { command: ['/app/worker.sh'] },
  };
  return [
    {
      name: 'web',
      revision: 41,
      ...age(200 * DAY),
      tasks: [3 * DAY, 3 * DAY - 60].map((seconds) => ({ ...age(seconds), containers: [WEB] })),
    },
    {
      name: 'worker',
      revision: 40,
      ...age(200 * DAY),
      tasks: [{ ...age(3 * DAY), containers: [worker] }],
    },
  ];
}
