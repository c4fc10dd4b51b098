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

/** A service in this network, and the calls that AWS would take. */
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

describe('an agent is connected again once', () => {
  it.each<[string, object, (ids: Ids) => readonly Call[]]>([
    [
      'its security group lets HTTPS out',
      { egressPorts: [80] },
      ({ group }) => [['AuthorizeSecurityGroupEgress', { GroupId: group, ...HTTPS }]],
    ],
    [
      'the security group of the endpoint lets it in',
      { endpoints: [{ ...ENDPOINT, admitsTasks: false }] },
      (ids) => [['AuthorizeSecurityGroupIngress', { GroupId: ids.endpointGroup, ...HTTPS }]],
    ],
    [
      'there is an endpoint, with a group that admits it',
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
      'the endpoint has private DNS',
      { route: 'none', endpoints: [{ ...ENDPOINT, privateDns: false }] },
      ({ endpoint }) => [
        ['ModifyVpcEndpoint', { VpcEndpointId: endpoint, PrivateDnsEnabled: 'true' }],
      ],
    ],
    [
      'the policy of the endpoint allows it',
      { endpoints: [{ ...ENDPOINT, policy: JSON.parse(CLOSED) }] },
      ({ endpoint }) => [['ModifyVpcEndpoint', { VpcEndpointId: endpoint, PolicyDocument: OPEN }]],
    ],
    [
      'the VPC resolves private names',
      { route: 'none', dnsHostnames: false, endpoints: [ENDPOINT] },
      ({ vpc }) => [['ModifyVpcAttribute', { VpcId: vpc, 'EnableDnsHostnames.Value': 'true' }]],
    ],
    [
      'a rule before the one that refuses lets it out',
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
      'a rule that comes too late',
      { aclRefuses: 'https' },
      ({ acl }) => [
        'CreateNetworkAclEntry',
        { NetworkAclId: acl, Egress: 'true', RuleAction: 'allow', RuleNumber: '60' },
      ],
    ],
    [
      'an endpoint whose group does not admit it',
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
  ])('but not by %s', (_name, network, change) => {
    const ids = setUp(network);
    ids.call(change(ids));
    expect(ids.isConnected()).toBe(false);
  });
});

it('says what there is not', () => {
  const { call } = setUp({});
  expect(() => call(['ModifyVpcAttribute', { VpcId: 'vpc-0' }])).toThrow('does not exist');
});
