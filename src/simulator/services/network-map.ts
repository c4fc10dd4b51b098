import type { FleetTask } from '#simulator/fleet/fleet.ts';
import type { FleetNetwork } from '#simulator/fleet/fleet-network.ts';
import type { FleetPlacement } from '#simulator/fleet/fleet-placement.ts';
import { ec2Id } from '#simulator/fleet/ids.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import { ACL_REFUSAL } from './ec2-change-operations.ts';
import {
  addressOf,
  endpointGroup,
  hasOwnInterface,
  imageId,
  instanceId,
  runsOnInstance,
  subnetId,
  taskGroup,
  VPC_CIDR,
  vpcId,
} from './network-ids.ts';

export type Ec2Record = Readonly<Record<string, unknown>>;

/** Formats the networks of a fleet like the EC2 API. */
export class NetworkMap {
  readonly #inventory: Inventory;

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  get vpcs(): readonly Ec2Record[] {
    return this.#networks().map((network) => ({
      VpcId: vpcId(network),
      enableDnsSupport: network.dnsSupport,
      enableDnsHostnames: network.dnsHostnames,
    }));
  }

  get subnets(): readonly Ec2Record[] {
    const { account, region } = this.#inventory.fleet;
    return this.#networks().map((network) => ({
      SubnetId: subnetId(network),
      State: 'available',
      VpcId: vpcId(network),
      CidrBlock: VPC_CIDR,
      AvailableIpAddressCount: 250,
      AvailabilityZone: `${region}a`,
      DefaultForAz: false,
      MapPublicIpOnLaunch: network.hasPublicIp,
      OwnerId: network.sharedBy ?? account,
    }));
  }

  /** Only the owner can see the routes of a shared subnet. */
  get routeTables(): readonly Ec2Record[] {
    return this.#ownNetworks().map((network) => ({
      RouteTableId: ec2Id('rtb', network.name),
      VpcId: vpcId(network),
      Associations: [
        {
          Main: false,
          RouteTableAssociationId: ec2Id('rtbassoc', network.name),
          RouteTableId: ec2Id('rtb', network.name),
          SubnetId: subnetId(network),
        },
      ],
      Routes: [
        { DestinationCidrBlock: VPC_CIDR, GatewayId: 'local', State: 'active' },
        ...defaultRoute(network),
      ],
      OwnerId: this.#inventory.fleet.account,
    }));
  }

  get networkAcls(): readonly Ec2Record[] {
    return this.#ownNetworks().map((network) => ({
      NetworkAclId: ec2Id('acl', network.name),
      VpcId: vpcId(network),
      IsDefault: true,
      Associations: [
        {
          NetworkAclAssociationId: ec2Id('aclassoc', network.name),
          NetworkAclId: ec2Id('acl', network.name),
          SubnetId: subnetId(network),
        },
      ],
      Entries: aclEntries(network),
      OwnerId: this.#inventory.fleet.account,
    }));
  }

  get networkInterfaces(): readonly Ec2Record[] {
    return this.#tasks()
      .filter(hasOwnInterface)
      .map((task) => {
        const network = this.#inventory.networkOf(task);
        return {
          NetworkInterfaceId: ec2Id('eni', task.id),
          SubnetId: subnetId(network),
          VpcId: vpcId(network),
          AvailabilityZone: `${this.#inventory.fleet.region}a`,
          Status: 'in-use',
          PrivateIpAddress: addressOf(task),
          Groups: [{ GroupId: taskGroup(network), GroupName: 'task' }],
          ...(network.hasPublicIp
            ? { Association: { PublicIp: '203.0.113.10', IpOwnerId: 'amazon' } }
            : {}),
        };
      });
  }

  get endpoints(): readonly Ec2Record[] {
    const { region, account } = this.#inventory.fleet;
    return this.#ownNetworks().flatMap((network) =>
      network.endpoints.map((endpoint) => {
        const { service, type, state, privateDns, policy } = endpoint;
        const hasInterfaces = isInterface(endpoint);
        return {
          VpcEndpointId: ec2Id('vpce', `${network.name}/${service}`),
          VpcEndpointType: type,
          VpcId: vpcId(network),
          ServiceName: `com.amazonaws.${region}.${service}`,
          State: state,
          PolicyDocument: JSON.stringify(policy),
          RouteTableIds: hasInterfaces ? [] : [ec2Id('rtb', network.name)],
          SubnetIds: hasInterfaces ? [subnetId(network)] : [],
          Groups: hasInterfaces
            ? [{ GroupId: endpointGroup(network, service), GroupName: service }]
            : [],
          PrivateDnsEnabled: hasInterfaces && privateDns,
          OwnerId: account,
        };
      }),
    );
  }

  get securityGroups(): readonly Ec2Record[] {
    return this.#networks().flatMap((network) => [
      {
        ...this.#group(network, taskGroup(network), 'task'),
        IpPermissions: [],
        IpPermissionsEgress: egressOf(network),
      },
      ...network.endpoints.filter(isInterface).map(({ service, admitsTasks }) => ({
        ...this.#group(network, endpointGroup(network, service), service),
        IpPermissions: admitsTasks ? [tcp(443, { UserIdGroupPairs: [pairOf(network)] })] : [],
        IpPermissionsEgress: [],
      })),
    ]);
  }

  get instances(): readonly Ec2Record[] {
    return unique(this.#placements(), ({ instance }) => instance.name).map((placement) => {
      const { instance, network } = placement;
      const profile = `arn:aws:iam::${this.#inventory.fleet.account}:instance-profile/${instance.role}`;
      return {
        InstanceId: instanceId(placement),
        ImageId: imageId(placement),
        SubnetId: subnetId(network),
        VpcId: vpcId(network),
        PrivateIpAddress: '10.0.0.10',
        ...(network.hasPublicIp ? { PublicIpAddress: '203.0.113.11' } : {}),
        ...(instance.role === undefined
          ? {}
          : { IamInstanceProfile: { Arn: profile, Id: 'AIPASIMULATOREXAMPLE1' } }),
        SecurityGroups: [{ GroupId: taskGroup(network), GroupName: 'task' }],
      };
    });
  }

  get images(): readonly Ec2Record[] {
    return unique(this.#placements(), ({ instance }) => instance.image).map((placement) => ({
      ImageId: imageId(placement),
      Name: placement.instance.image,
      OwnerId: '591542846629',
      CreationDate: '2026-01-01T00:00:00.000Z',
    }));
  }

  #group(network: FleetNetwork, id: string, name: string): Ec2Record {
    const { account } = this.#inventory.fleet;
    return {
      GroupId: id,
      GroupName: name,
      Description: name,
      VpcId: vpcId(network),
      OwnerId: account,
    };
  }

  #tasks(): readonly FleetTask[] {
    return this.#inventory.fleet.clusters.flatMap((cluster) => this.#inventory.tasks(cluster));
  }

  /** The instances that tasks run on. */
  #placements(): readonly FleetPlacement[] {
    return this.#tasks()
      .filter(runsOnInstance)
      .map(({ placement }) => placement);
  }

  #networks(): readonly FleetNetwork[] {
    const networks = this.#tasks().map((task) => this.#inventory.networkOf(task));
    return unique(networks, ({ name }) => name);
  }

  #ownNetworks(): readonly FleetNetwork[] {
    return this.#networks().filter(({ sharedBy }) => sharedBy === undefined);
  }
}

/** The default rules, after the deny that the fleet file sets. */
function aclEntries({ aclRefuses }: FleetNetwork): readonly object[] {
  const rule = (Egress: boolean, RuleNumber: number, RuleAction: string, fields: object = {}) => ({
    ...{ RuleNumber, Protocol: '-1', RuleAction, Egress, CidrBlock: '0.0.0.0/0', ...fields },
  });
  const refuse = (Egress: boolean, From: number, To: number) =>
    rule(Egress, ACL_REFUSAL, 'deny', { Protocol: '6', PortRange: { From, To } });
  return [
    ...(aclRefuses === 'https' ? [refuse(true, 443, 443)] : []),
    ...(aclRefuses === 'answers' ? [refuse(false, 1_024, 65_535)] : []),
    ...[true, false].flatMap((isEgress) => [
      rule(isEgress, 100, 'allow'),
      rule(isEgress, 32_767, 'deny'),
    ]),
  ];
}

/** Only interface endpoints have security groups. */
function isInterface({ type }: { readonly type: string }): boolean {
  return type === 'Interface';
}

function defaultRoute({ route, name }: FleetNetwork): readonly object[] {
  const to = { DestinationCidrBlock: '0.0.0.0/0', State: 'active', Origin: 'CreateRoute' };
  const nat = { ...to, NatGatewayId: ec2Id('nat', name) };
  switch (route) {
    case 'nat':
      return [nat];
    case 'blackhole':
      return [{ ...nat, State: 'blackhole' }];
    case 'internet-gateway':
      return [{ ...to, GatewayId: ec2Id('igw', name) }];
    case 'transit-gateway':
      return [{ ...to, TransitGatewayId: ec2Id('tgw', name) }];
    case 'none':
      return [];
  }
}

function pairOf(network: FleetNetwork): object {
  return { GroupId: taskGroup(network) };
}

function egressOf({ egressPorts }: FleetNetwork): readonly object[] {
  const anywhere = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
  if (egressPorts !== undefined) return egressPorts.map((port) => tcp(port, anywhere));
  return [{ ...NO_PEERS, IpProtocol: '-1', ...anywhere }];
}

const NO_PEERS = { IpRanges: [], Ipv6Ranges: [], PrefixListIds: [], UserIdGroupPairs: [] };

function tcp(port: number, peers: object): object {
  return { ...NO_PEERS, IpProtocol: 'tcp', FromPort: port, ToPort: port, ...peers };
}

function unique<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}
