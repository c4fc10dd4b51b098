import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import type { Ec2Api } from '#domain/ports/doctor-ports.ts';
import type {
  NetworkAclDetails,
  RouteTableDetails,
  SecurityGroupDetails,
  VpcEndpointDetails,
} from '#domain/ports/ec2-responses.ts';
import { withCheckedAnswers } from './call/checked-answers.ts';
import type { AwsConfig } from './call/config.ts';
import type { AwsIdentity } from './call/identity.ts';
import { allPages } from './call/pages.ts';
import { createAccess, unlessMissing } from './call/service-access.ts';

const MISSING = [
  'InvalidSubnetID.NotFound',
  'InvalidNetworkInterfaceID.NotFound',
  'InvalidVpcID.NotFound',
  'InvalidInstanceID.NotFound',
  'InvalidAMIID.NotFound',
  'InvalidAMIID.Unavailable',
];

/** `Ec2Api` over the AWS SDK. */
export function createEc2(config: AwsConfig, identity: AwsIdentity): Ec2Api {
  const connection = connectEc2(config, identity);
  const { client, read } = connection;
  return {
    async describeSubnet(id) {
      const command = new DescribeSubnetsCommand({ SubnetIds: [id] });
      const answer = await read('DescribeSubnets', () => client.send(command));
      return answer?.Subnets?.[0];
    },
    describeRouteTable: (subnetId, vpcId) => findRouteTable(connection, subnetId, vpcId),
    async describeNetworkInterface(id) {
      const command = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] });
      const answer = await read('DescribeNetworkInterfaces', () => client.send(command));
      return answer?.NetworkInterfaces?.[0];
    },
    describeNetworkAcls: (vpcId) => networkAclsOf(connection, vpcId),
    describeVpcEndpoints: (vpcId) => vpcEndpointsOf(connection, vpcId),
    describeSecurityGroups: (ids) => securityGroups(connection, ids),
    async describeVpcAttribute(vpcId, attribute) {
      const command = new DescribeVpcAttributeCommand({ VpcId: vpcId, Attribute: attribute });
      const answer = await read('DescribeVpcAttribute', () => client.send(command));
      const isSupport = attribute === 'enableDnsSupport';
      return (isSupport ? answer?.EnableDnsSupport : answer?.EnableDnsHostnames)?.Value;
    },
    async describeInstance(id) {
      const command = new DescribeInstancesCommand({ InstanceIds: [id] });
      const answer = await read('DescribeInstances', () => client.send(command));
      return answer?.Reservations?.[0]?.Instances?.[0];
    },
    async describeImage(id) {
      const command = new DescribeImagesCommand({ ImageIds: [id] });
      const answer = await read('DescribeImages', () => client.send(command));
      return answer?.Images?.[0];
    },
  };
}

type Ec2Connection = ReturnType<typeof connectEc2>;

function connectEc2(config: AwsConfig, identity: AwsIdentity) {
  const { settings, call } = createAccess(config, identity);
  return {
    client: withCheckedAnswers(new EC2Client(settings)),
    call,
    /** Resolves with undefined if the resource does not exist. */
    read: <T>(operation: string, send: () => Promise<T>) =>
      call(`ec2:${operation}`, () => unlessMissing(MISSING, send)),
  };
}

/** A subnet without its own association has the main table of its VPC. */
async function findRouteTable(
  { client, read }: Ec2Connection,
  subnetId: string,
  vpcId: string,
): Promise<RouteTableDetails | undefined> {
  const find = async (filters: Readonly<Record<string, string>>) => {
    const command = new DescribeRouteTablesCommand({ Filters: filtersOf(filters) });
    const answer = await read('DescribeRouteTables', () => client.send(command));
    return answer?.RouteTables?.[0];
  };
  return (
    (await find({ 'association.subnet-id': subnetId })) ??
    (await find({ 'association.main': 'true', 'vpc-id': vpcId }))
  );
}

function networkAclsOf(
  { client, call }: Ec2Connection,
  vpcId: string,
): Promise<readonly NetworkAclDetails[]> {
  const Filters = filtersOf({ 'vpc-id': vpcId });
  return call('ec2:DescribeNetworkAcls', () =>
    allPages(async (NextToken) => {
      const answer = await client.send(new DescribeNetworkAclsCommand({ Filters, NextToken }));
      return { items: answer.NetworkAcls, nextToken: answer.NextToken };
    }),
  );
}

function vpcEndpointsOf(
  { client, call }: Ec2Connection,
  vpcId: string,
): Promise<readonly VpcEndpointDetails[]> {
  const Filters = filtersOf({ 'vpc-id': vpcId });
  return call('ec2:DescribeVpcEndpoints', () =>
    allPages(async (NextToken) => {
      const answer = await client.send(new DescribeVpcEndpointsCommand({ Filters, NextToken }));
      return { items: answer.VpcEndpoints, nextToken: answer.NextToken };
    }),
  );
}

/** By filter, because a call by id fails if one of them is missing. */
async function securityGroups(
  { client, call }: Ec2Connection,
  ids: readonly string[],
): Promise<readonly SecurityGroupDetails[]> {
  const command = new DescribeSecurityGroupsCommand({
    Filters: [{ Name: 'group-id', Values: [...ids] }],
  });
  const answer = await call('ec2:DescribeSecurityGroups', () => client.send(command));
  return answer.SecurityGroups ?? [];
}

function filtersOf(filters: Readonly<Record<string, string>>) {
  return Object.entries(filters).map(([Name, value]) => ({ Name, Values: [value] }));
}
