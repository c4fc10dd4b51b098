import { describe, expect, it } from 'vitest';
import { QueryInput } from '#simulator/api/query-input.ts';
import { RoleStore } from '#simulator/api/roles.ts';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { ec2Id } from '#simulator/fleet/ids.ts';
import { Inventory } from '#simulator/fleet/inventory.ts';
import { Ec2ChangeOperations } from '#simulator/services/ec2-change-operations.ts';
import { ExecAgents } from '#simulator/services/exec-agent.ts';
import { endpointGroup, taskGroup, vpcId } from '#simulator/services/network-ids.ts';

const ENDPOINT = { service: 'ssmmessages' };
const HTTPS = {
  'IpPermissions.1.IpProtocol': 'tcp',
  'IpPermissions.1.FromPort': '443',
  'IpPermissions.1.ToPort': '443',
};
const CLOSED = JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 's3:*' }] });
const OPEN = JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'ssmmessages:*' }] });

type Call = readonly [operation: string, parameters: Readonly<Record<string, string>>];

/** A service in this network, and a function that makes EC2 calls. */
function setUp(network: object) {
  const fleet = parseFleet({
    clusters: [{ name: 'c', services: [{ name: 'web', network, containers: [{ name: 'app' }] }] }],
  });
  const inventory = new Inventory(fleet);
  const [cluster] = fleet.clusters;
  const task = cluster?.services[0]?.tasks[0];
  const container = task?.containers[0];
  if (cluster === undefined || task === undefined || container === undefined) {
    throw new Error('the fleet has a container');
  }
  const agents = new ExecAgents(inventory, new RoleStore(fleet));
  const { operations } = new Ec2ChangeOperations(inventory);
  const own = task.placement.network;
  return {
    isConnected: () => agents.isConnected({ cluster, task, container }),
    call: ([name, parameters]: Call) =>
      operations[name]?.(new QueryInput(new URLSearchParams(parameters))),
    vpc: vpcId(own),
    group: taskGroup(own),
    endpointGroup: endpointGroup(own, 'ssmmessages'),
    endpoint: ec2Id('vpce', `${own.name}/ssmmessages`),
    acl: ec2Id('acl', own.name),
  };
}

type Ids = ReturnType<typeof setUp>;

describe('a disconnected agent connects after', () => {
  it.each<[string, object, (ids: Ids) => readonly Call[]]>([
    [
      'its security group allows HTTPS out',
      { egressPorts: [80] },
      ({ group }) => [['AuthorizeSecurityGroupEgress', { GroupId: group, ...HTTPS }]],
    ],
    [
      "the endpoint's security group allows it in",
      { endpoints: [{ ...ENDPOINT, admitsTasks: false }] },
      (ids) => [['AuthorizeSecurityGroupIngress', { GroupId: ids.endpointGroup, ...HTTPS }]],
    ],
    [
      'an endpoint is created with a group that allows it in',
      { route: 'none' },
      ({ vpc, group }) => [
        ['AuthorizeSecurityGroupIngress', { GroupId: group, ...HTTPS }],
        [
          'CreateVpcEndpoint',
          {
            VpcId: vpc,
            ServiceName: 'com.amazonaws.us-east-1.ssmmessages',
            VpcEndpointType: 'Interface',
            PrivateDnsEnabled: 'true',
            'SecurityGroupId.1': group,
          },
        ],
      ],
    ],
    [
      'private DNS is turned on for the endpoint',
      { route: 'none', endpoints: [{ ...ENDPOINT, privateDns: false }] },
      ({ endpoint }) => [
        ['ModifyVpcEndpoint', { VpcEndpointId: endpoint, PrivateDnsEnabled: 'true' }],
      ],
    ],
    [
      'the endpoint policy allows it',
      { endpoints: [{ ...ENDPOINT, policy: JSON.parse(CLOSED) }] },
      ({ endpoint }) => [['ModifyVpcEndpoint', { VpcEndpointId: endpoint, PolicyDocument: OPEN }]],
    ],
    [
      'DNS hostnames are turned on in the VPC',
      { route: 'none', dnsHostnames: false, endpoints: [ENDPOINT] },
      ({ vpc }) => [['ModifyVpcAttribute', { VpcId: vpc, 'EnableDnsHostnames.Value': 'true' }]],
    ],
    [
      'a network ACL rule ahead of the deny allows it',
      { aclRefuses: 'https' },
      ({ acl }) => [
        [
          'CreateNetworkAclEntry',
          { NetworkAclId: acl, Egress: 'true', RuleAction: 'allow', RuleNumber: '49' },
        ],
      ],
    ],
  ])('%s', (_name, network, changes) => {
    const ids = setUp(network);
    expect(ids.isConnected()).toBe(false);
    for (const change of changes(ids)) ids.call(change);
    expect(ids.isConnected()).toBe(true);
  });

  it.each<[string, object, (ids: Ids) => Call]>([
    [
      'a network ACL rule behind the deny',
      { aclRefuses: 'https' },
      ({ acl }) => [
        'CreateNetworkAclEntry',
        { NetworkAclId: acl, Egress: 'true', RuleAction: 'allow', RuleNumber: '60' },
      ],
    ],
    [
      'an endpoint whose group does not allow it in',
      { route: 'none' },
      ({ vpc, group }) => [
        'CreateVpcEndpoint',
        {
          VpcId: vpc,
          ServiceName: 'com.amazonaws.us-east-1.ssmmessages',
          VpcEndpointType: 'Interface',
          PrivateDnsEnabled: 'true',
          'SecurityGroupId.1': group,
        },
      ],
    ],
  ])('but not after %s', (_name, network, change) => {
    const ids = setUp(network);
    ids.call(change(ids));
    expect(ids.isConnected()).toBe(false);
  });
});

it('a call about a missing resource fails', () => {
  const { call } = setUp({});
  expect(() => call(['ModifyVpcAttribute', { VpcId: 'vpc-0' }])).toThrow('does not exist');
});
