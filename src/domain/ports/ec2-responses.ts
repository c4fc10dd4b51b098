/** EC2 responses that `ecsh doctor` reads, with the field names of the API. */

export interface SubnetDetails {
  readonly SubnetId?: string | undefined;
  readonly VpcId?: string | undefined;
  readonly OwnerId?: string | undefined;
  readonly CidrBlock?: string | undefined;
  readonly Ipv6CidrBlockAssociationSet?:
    | readonly { readonly Ipv6CidrBlock?: string | undefined }[]
    | undefined;
  readonly AvailabilityZone?: string | undefined;
  readonly EnableDns64?: boolean | undefined;
}

export interface RouteDetails {
  readonly DestinationCidrBlock?: string | undefined;
  readonly DestinationIpv6CidrBlock?: string | undefined;
  readonly State?: string | undefined;
  readonly NatGatewayId?: string | undefined;
  readonly GatewayId?: string | undefined;
  readonly TransitGatewayId?: string | undefined;
  readonly NetworkInterfaceId?: string | undefined;
  readonly EgressOnlyInternetGatewayId?: string | undefined;
  readonly VpcPeeringConnectionId?: string | undefined;
  readonly CoreNetworkArn?: string | undefined;
  readonly CarrierGatewayId?: string | undefined;
  readonly LocalGatewayId?: string | undefined;
  readonly DestinationPrefixListId?: string | undefined;
  readonly InstanceId?: string | undefined;
}

export interface RouteTableDetails {
  readonly RouteTableId?: string | undefined;
  readonly Routes?: readonly RouteDetails[] | undefined;
}

export interface NetworkInterfaceDetails {
  readonly NetworkInterfaceId?: string | undefined;
  readonly SubnetId?: string | undefined;
  readonly VpcId?: string | undefined;
  readonly PrivateIpAddress?: string | undefined;
  readonly Ipv6Addresses?: readonly { readonly Ipv6Address?: string | undefined }[] | undefined;
  readonly Association?: { readonly PublicIp?: string | undefined } | undefined;
  readonly Groups?: readonly { readonly GroupId?: string | undefined }[] | undefined;
}

export interface VpcEndpointDetails {
  readonly VpcEndpointId?: string | undefined;
  readonly VpcEndpointType?: string | undefined;
  readonly ServiceName?: string | undefined;
  readonly State?: string | undefined;
  readonly PolicyDocument?: string | undefined;
  readonly PrivateDnsEnabled?: boolean | undefined;
  /** `ipv4`, `ipv6` or `dualstack`. */
  readonly IpAddressType?: string | undefined;
  readonly DnsOptions?:
    | {
        /** `ipv4`, `ipv6`, `dualstack` or `service-defined`. */
        readonly DnsRecordIpType?: string | undefined;
        readonly PrivateDnsOnlyForInboundResolverEndpoint?: boolean | undefined;
      }
    | undefined;
  readonly SubnetIds?: readonly string[] | undefined;
  readonly RouteTableIds?: readonly string[] | undefined;
  readonly Groups?: readonly { readonly GroupId?: string | undefined }[] | undefined;
}

export interface NetworkAclEntryDetails {
  /** Rules are tried in this order; 32767 is the last. */
  readonly RuleNumber?: number | undefined;
  /** The protocol number: `6` is TCP, `-1` is every protocol. */
  readonly Protocol?: string | undefined;
  /** `allow` or `deny`. */
  readonly RuleAction?: string | undefined;
  readonly Egress?: boolean | undefined;
  readonly CidrBlock?: string | undefined;
  readonly Ipv6CidrBlock?: string | undefined;
  readonly PortRange?:
    | { readonly From?: number | undefined; readonly To?: number | undefined }
    | undefined;
}

export interface NetworkAclDetails {
  readonly NetworkAclId?: string | undefined;
  readonly Associations?: readonly { readonly SubnetId?: string | undefined }[] | undefined;
  readonly Entries?: readonly NetworkAclEntryDetails[] | undefined;
}

/** `IpPermissions[]` and `IpPermissionsEgress[]` of a security group. */
export interface IpPermissionDetails {
  /** `-1` is every protocol. */
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly IpRanges?: readonly { readonly CidrIp?: string | undefined }[] | undefined;
  readonly Ipv6Ranges?: readonly { readonly CidrIpv6?: string | undefined }[] | undefined;
  readonly PrefixListIds?: readonly { readonly PrefixListId?: string | undefined }[] | undefined;
  readonly UserIdGroupPairs?: readonly { readonly GroupId?: string | undefined }[] | undefined;
}

export interface SecurityGroupDetails {
  readonly GroupId?: string | undefined;
  readonly IpPermissions?: readonly IpPermissionDetails[] | undefined;
  readonly IpPermissionsEgress?: readonly IpPermissionDetails[] | undefined;
}

export interface InstanceDetails {
  readonly InstanceId?: string | undefined;
  readonly IamInstanceProfile?: { readonly Arn?: string | undefined } | undefined;
  readonly SecurityGroups?: readonly { readonly GroupId?: string | undefined }[] | undefined;
  readonly PublicIpAddress?: string | undefined;
  readonly PrivateIpAddress?: string | undefined;
  readonly SubnetId?: string | undefined;
  readonly VpcId?: string | undefined;
}

export interface ImageDetails {
  readonly Name?: string | undefined;
  readonly CreationDate?: string | undefined;
}
