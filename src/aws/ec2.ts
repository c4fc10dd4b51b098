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
import type { RouteTableDetails } from '#domain/ports/ec2-responses.ts';
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
  const { settings, call } = createAccess(config, identity);
  const client = withCheckedAnswers(new EC2Client(settings));
  const read = <T>(operation: string, send: () => Promise<T>) =>
    call(`ec2:${operation}`, () => unlessMissing(MISSING, send));

  async function findRouteTable(
    filters: Readonly<Record<string, string>>,
  ): Promise<RouteTableDetails | undefined> {
    const command = new DescribeRouteTablesCommand({ Filters: filtersOf(filters) });
    const answer = await read('DescribeRouteTables', () => client.send(command));
    return answer?.RouteTables?.[0];
  }

  return {
    async describeSubnet(id) {
      const command = new DescribeSubnetsCommand({ SubnetIds: [id] });
      const answer = await read('DescribeSubnets', () => client.send(command));
      return answer?.Subnets?.[0];
    },
    async describeRouteTable(subnetId, vpcId) {
      // A subnet without an association of its own has the main table of its VPC.
      return (
        (await findRouteTable({ 'association.subnet-id': subnetId })) ??
        (await findRouteTable({ 'association.main': 'true', 'vpc-id': vpcId }))
      );
    },
    async describeNetworkInterface(id) {
      const command = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] });
      const answer = await read('DescribeNetworkInterfaces', () => client.send(command));
      return answer?.NetworkInterfaces?.[0];
    },
    describeNetworkAcls: (vpcId) =>
      call('ec2:DescribeNetworkAcls', () =>
        allPages(async (token) => {
          const command = new DescribeNetworkAclsCommand({
            Filters: filtersOf({ 'vpc-id': vpcId }),
            NextToken: token,
          });
          const { NetworkAcls, NextToken } = await client.send(command);
          return { items: NetworkAcls, nextToken: NextToken };
        }),
      ),
    describeVpcEndpoints: (vpcId) =>
      call('ec2:DescribeVpcEndpoints', () =>
        allPages(async (token) => {
          const command = new DescribeVpcEndpointsCommand({
            Filters: filtersOf({ 'vpc-id': vpcId }),
            NextToken: token,
          });
          const { VpcEndpoints, NextToken } = await client.send(command);
          return { items: VpcEndpoints, nextToken: NextToken };
        }),
      ),
    async describeSecurityGroups(ids) {
      // By filter: asked by id, one that is missing would fail the whole call.
      const command = new DescribeSecurityGroupsCommand({
        Filters: [{ Name: 'group-id', Values: [...ids] }],
      });
      const answer = await call('ec2:DescribeSecurityGroups', () => client.send(command));
      return answer.SecurityGroups ?? [];
    },
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

function filtersOf(filters: Readonly<Record<string, string>>) {
  return Object.entries(filters).map(([Name, value]) => ({ Name, Values: [value] }));
}
