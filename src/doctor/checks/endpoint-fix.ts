import type { DoctorContext } from '#doctor/check-model.ts';
import { knownValue } from '#doctor/finding.ts';
import { placeOf } from '#doctor/place.ts';
import type { EndpointService } from '#doctor/rules/endpoints.ts';
import { taskGroupIds } from '#doctor/task-network.ts';
import { awsCommand } from '#domain/errors/aws-command.ts';
import type { CheckFix } from '#domain/readiness/readiness-model.ts';

/** Creates an endpoint in the VPC of the task; for S3 a gateway, which costs nothing. */
export function createEndpointFix(service: EndpointService, context: DoctorContext): CheckFix {
  const { evidence, flags } = context;
  const region = placeOf(context, evidence)?.region ?? '';
  const create = ['ec2', 'create-vpc-endpoint', '--vpc-id', vpcOf(context)];
  // UNVERIFIED: that no service is named cn.com.amazonaws… only; to check, list them in a region of
  // China with `aws ec2 describe-vpc-endpoint-services`.
  const named = [...create, '--service-name', `com.amazonaws.${region}.${service}`];
  if (service === 's3') {
    const table = knownValue(evidence.routeTable)?.RouteTableId ?? '';
    const words = [...named, '--vpc-endpoint-type', 'Gateway', '--route-table-ids', table];
    return { summary: 'Create a gateway endpoint', command: awsCommand(words, flags) };
  }
  const subnet = knownValue(evidence.subnet)?.SubnetId ?? '';
  const groups = knownValue(taskGroupIds(evidence)) ?? [];
  const words = [
    ...named,
    ...['--vpc-endpoint-type', 'Interface', '--private-dns-enabled', '--subnet-ids', subnet],
    ...(groups.length === 0 ? [] : ['--security-group-ids', ...groups]),
  ];
  return {
    summary: 'Create an interface endpoint; its security group has to accept 443 from the task',
    command: awsCommand(words, flags),
  };
}

/** Id of the VPC; empty while it is not known. */
export function vpcOf({ evidence }: DoctorContext): string {
  return knownValue(evidence.subnet)?.VpcId ?? '';
}
