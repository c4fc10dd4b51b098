import { describe, expect, it } from 'vitest';
import { RoleStore } from '#simulator/api/roles.ts';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { Inventory } from '#simulator/fleet/inventory.ts';
import { ExecAgents } from '#simulator/services/exec-agent.ts';

const ROLE = 'arn:aws:iam::123456789012:role/own';
const CHANNELS = ['ssmmessages:*'];
const ENDPOINT = { service: 'ssmmessages' };

/** Returns the agents of a fleet, and the only container of service `web` with these fields. */
function setUp(service: object, rest: object = {}) {
  const fleet = parseFleet({
    clusters: [
      { name: 'c', services: [{ name: 'web', containers: [{ name: 'app' }], ...service }] },
    ],
    ...rest,
  });
  const [cluster] = fleet.clusters;
  const task = cluster?.services[0]?.tasks[0];
  const container = task?.containers[0];
  if (cluster === undefined || task === undefined || container === undefined) {
    throw new Error('the fleet has a container');
  }
  const roles = new RoleStore(fleet);
  return {
    agents: new ExecAgents(new Inventory(fleet), roles),
    roles,
    place: { cluster, task, container },
  };
}

describe('an agent is connected', () => {
  it.each<[string, object]>([
    ['with the default role and network', {}],
    ['through a transit gateway', { network: { route: 'transit-gateway' } }],
    ['with a public address', { network: { route: 'internet-gateway', hasPublicIp: true } }],
    [
      'through an endpoint without another route',
      { network: { route: 'none', endpoints: [ENDPOINT] } },
    ],
    [
      'if an endpoint that would block it has no private DNS',
      { network: { endpoints: [{ ...ENDPOINT, privateDns: false, admitsTasks: false }] } },
    ],
    [
      'if an endpoint that would block it is not available',
      { network: { endpoints: [{ ...ENDPOINT, state: 'pending', admitsTasks: false }] } },
    ],
    ['if the security group allows HTTPS out', { network: { egressPorts: [443] } }],
    [
      'within a subnet, where network ACLs do not apply',
      { network: { aclRefuses: 'https', endpoints: [ENDPOINT] } },
    ],
    [
      'on an instance with a public address',
      {
        launchType: 'EC2',
        taskDefinition: { networkMode: 'bridge' },
        network: { route: 'internet-gateway' },
      },
    ],
    ['outside AWS', { launchType: 'EXTERNAL', network: { route: 'none' } }],
  ])('%s', (_, service) => {
    const { agents, place } = setUp(service);
    expect(agents.isConnected(place)).toBe(true);
  });

  it.each<[string, object, object?]>([
    ['without a route', { network: { route: 'none' } }],
    ['if the route is a black hole', { network: { route: 'blackhole' } }],
    ['without a public address', { network: { route: 'internet-gateway' } }],
    ['without DNS', { network: { dnsSupport: false } }],
    ['if the security group does not allow HTTPS out', { network: { egressPorts: [80] } }],
    ['if a network ACL denies HTTPS', { network: { aclRefuses: 'https' } }],
    ['if a network ACL denies responses', { network: { aclRefuses: 'answers' } }],
    [
      'if an endpoint takes over the name and allows nothing in',
      { network: { endpoints: [{ ...ENDPOINT, admitsTasks: false }] } },
    ],
    [
      'if the endpoint policy denies it',
      {
        network: {
          endpoints: [
            { ...ENDPOINT, policy: { Statement: [{ Effect: 'Allow', Action: 's3:*' }] } },
          ],
        },
      },
    ],
    [
      'through an endpoint for another service',
      { network: { route: 'none', endpoints: [{ service: 'ssm' }] } },
    ],
    ['without a task role', { taskDefinition: { taskRoleArn: null } }],
    ['if the role does not exist', { taskDefinition: { taskRoleArn: ROLE } }],
    [
      'if the role lacks permissions',
      { taskDefinition: { taskRoleArn: ROLE } },
      { roles: [{ name: 'own', allow: ['ssmmessages:CreateControlChannel'] }] },
    ],
    [
      'if tasks cannot assume the role',
      { taskDefinition: { taskRoleArn: ROLE } },
      { roles: [{ name: 'own', allow: CHANNELS, trust: ['lambda.amazonaws.com'] }] },
    ],
    [
      'if a permissions boundary blocks it',
      { taskDefinition: { taskRoleArn: ROLE } },
      { roles: [{ name: 'own', allow: CHANNELS, boundary: ['s3:*'] }] },
    ],
    ['if the organization denies it', {}, { organization: { deny: CHANNELS } }],
    ['if the fleet file says so', { containers: [{ name: 'app', isConnected: false }] }],
  ])('not %s', (_, service, rest) => {
    const { agents, place } = setUp(service, rest);
    expect(agents.isConnected(place)).toBe(false);
  });

  it('after its role gets the permissions', () => {
    const roles = [{ name: 'own', allow: [] }];
    const {
      agents,
      roles: store,
      place,
    } = setUp({ taskDefinition: { taskRoleArn: ROLE } }, { roles });
    expect(agents.isConnected(place)).toBe(false);
    store.putPolicy('own', 'exec', [
      { effect: 'Allow', actions: CHANNELS, resources: ['*'], conditions: [] },
    ]);
    expect(agents.isConnected(place)).toBe(true);
  });
});

describe('the session key', () => {
  const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555';
  const byPolicy = {
    id: KEY,
    policy: { Statement: [{ Effect: 'Allow', Principal: { AWS: ROLE }, Action: 'kms:Decrypt' }] },
  };
  const ownRole = { taskDefinition: { taskRoleArn: ROLE } };

  it.each<[string, object, object, boolean]>([
    ['the usual role', {}, {}, true],
    ['a role without permission', ownRole, { roles: [{ name: 'own', allow: CHANNELS }] }, false],
    ['a role with permission', ownRole, { roles: [{ name: 'own', allow: ['kms:Decrypt'] }] }, true],
    [
      'a role that the key policy names',
      ownRole,
      { roles: [{ name: 'own', allow: CHANNELS }], keys: [byPolicy] },
      true,
    ],
    ['no role', { taskDefinition: { taskRoleArn: null } }, {}, false],
  ])('is decrypted with %s', (_name, service, rest, expected) => {
    const { agents, place } = setUp(service, rest);
    const keyed = { ...place, cluster: { ...place.cluster, kmsKeyId: KEY } };
    expect(agents.mayDecrypt(keyed)).toBe(expected);
  });
});

describe('the agent of a new container', () => {
  const readOnly = (...paths: readonly string[]) => ({
    containers: [
      {
        name: 'app',
        definition: {
          readonlyRootFilesystem: true,
          mountPoints: paths.map((containerPath) => ({ containerPath, readOnly: false })),
        },
      },
    ],
  });
  const PATHS = ['/var/lib/amazon/ssm', '/var/log/amazon', '/managed-agents'];

  it.each<[object, string]>([
    [{}, 'running'],
    [{ platformVersion: 'LATEST' }, 'running'],
    [{ platformVersion: '1.3.0' }, 'none'],
    [{ platformVersion: '1.0.0', platformFamily: 'Windows_Server_2022_Core' }, 'running'],
    [{ launchType: 'EC2', instance: { agentVersion: '1.50.2' } }, 'running'],
    [{ launchType: 'EC2', instance: { agentVersion: '1.50.1' } }, 'none'],
    [{ launchType: 'EC2', instance: { agentVersion: '1.9.0' } }, 'none'],
    [{ containers: [{ name: 'app', image: 'mcr.microsoft.com/windows/nanoserver:1' }] }, 'stopped'],
    [readOnly(), 'stopped'],
    [readOnly('/var/lib/amazon/ssm', '/var/log/amazon/ssm'), 'stopped'],
    [readOnly(...PATHS), 'running'],
    [{ launchType: 'EC2', ...readOnly('/var/lib/amazon/ssm', '/var/log/amazon/ssm') }, 'running'],
  ])('of %j: %s', (service, fate) => {
    const { agents, place } = setUp(service);
    expect(agents.fateOf(place.task, place.container)).toBe(fate);
  });
});
