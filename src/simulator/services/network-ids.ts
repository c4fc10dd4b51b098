import type { FleetTask } from '#simulator/fleet/fleet.ts';
import type { FleetNetwork } from '#simulator/fleet/fleet-network.ts';
import type { FleetPlacement } from '#simulator/fleet/fleet-placement.ts';
import { ec2Id, hexOf } from '#simulator/fleet/ids.ts';

export function vpcId({ name }: FleetNetwork): string {
  return ec2Id('vpc', name);
}

export function subnetId({ name }: FleetNetwork): string {
  return ec2Id('subnet', name);
}

export function instanceId({ instance }: FleetPlacement): string {
  return ec2Id('i', instance.name);
}

export function imageId({ instance }: FleetPlacement): string {
  return ec2Id('ami', instance.image);
}

/** Whether the task has its own network interface. */
export function hasOwnInterface({ launchType, placement }: FleetTask): boolean {
  return (
    launchType !== 'EXTERNAL' && (placement.taskDefinition.networkMode ?? 'awsvpc') === 'awsvpc'
  );
}

/** Whether the task runs on an EC2 instance of the account. */
export function runsOnInstance({ launchType }: FleetTask): boolean {
  return launchType === 'EC2';
}

/** The task's `attachments` in a DescribeTasks response. */
export function attachmentsOf(task: FleetTask): readonly object[] {
  if (!hasOwnInterface(task)) return [];
  const details = {
    subnetId: subnetId(task.placement.network),
    networkInterfaceId: ec2Id('eni', task.id),
    macAddress: '0a:00:00:00:00:01',
    privateIPv4Address: addressOf(task),
  };
  return [
    {
      id: hexOf(`attachment/${task.id}`).replace(
        /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
        '$1-$2-$3-$4-$5',
      ),
      type: 'ElasticNetworkInterface',
      status: 'ATTACHED',
      details: Object.entries(details).map(([name, value]) => ({ name, value })),
    },
  ];
}

/** CIDR of every VPC; network interfaces get addresses from it. */
export const VPC_CIDR = '10.0.0.0/16';

export const RESOLVER = '10.0.0.2';

/** AWS reserves the first four addresses and the last one. */
export const RESERVED_ADDRESSES = ['10.0.0.0', '10.0.0.1', RESOLVER, '10.0.0.3', '10.0.255.255'];

export function addressOf({ id }: FleetTask): string {
  return `10.0.${Number.parseInt(id.slice(0, 2), 16)}.${Number.parseInt(id.slice(2, 4), 16)}`;
}

/** The id of the security group that all tasks of the network have. */
export function taskGroup({ name }: FleetNetwork): string {
  return ec2Id('sg', `${name}/task`);
}

export function endpointGroup({ name }: FleetNetwork, service: string): string {
  return ec2Id('sg', `${name}/endpoint/${service}`);
}
