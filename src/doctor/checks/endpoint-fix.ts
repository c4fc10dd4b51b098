import type { DoctorContext } from '#doctor/check-model.ts';
import { clusterHome } from '#doctor/cluster-home.ts';
import { knownValue } from '#doctor/finding.ts';
import type { EndpointService } from '#doctor/rules/endpoints.ts';
import { letsIn } from '#doctor/rules/security-groups.ts';
import { taskAddress, taskGroupIds } from '#doctor/task-network.ts';
import { awsCommand } from '#domain/errors/aws-command.ts';
import type { CheckFix } from '#domain/readiness/readiness-model.ts';

/** Creates an endpoint in the VPC of the task; for S3 a gateway, which costs nothing. */
export function createEndpointFix(service: EndpointService, context: DoctorContext): CheckFix {
  const { evidence, flags } = context;
  const region = clusterHome(context, evidence)?.region ?? '';
  const create = ['ec2', 'create-vpc-endpoint', '--vpc-id', vpcOf(context)];
  // UNVERIFIED: that no service is named cn.com.amazonaws… only; to check, list them in a region of
  // China with `aws ec2 describe-vpc-endpoint-services`.
  const named = [...create, '--service-name', `com.amazonaws.${region}.${service}`];
  if (service === 's3') {
    const table = knownValue(evidence.routeTable)?.RouteTableId ?? '';
    const words = [...named, '--vpc-endpoint-type', 'Gateway', '--route-table-ids', table];
    return { summary: 'Create a gateway endpoint', command: awsCommand(words, flags) };
  }
  const subnet = knownValue(evidence.vpc)?.subnetId ?? '';
  const { id, admit } = groupFor(context);
  const words = [
    ...named,
    ...['--vpc-endpoint-type', 'Interface', '--private-dns-enabled', '--subnet-ids', subnet],
    ...(id === undefined ? [] : ['--security-group-ids', id]),
  ];
  const steps = [...admit, words].map((step) => awsCommand(step, flags));
  return { summary: 'Create an interface endpoint', command: steps.join(' &&\n  ') };
}

/** Id of the VPC; empty while it is not known. */
export function vpcOf({ evidence }: DoctorContext): string {
  return knownValue(evidence.vpc)?.vpcId ?? '';
}

interface EndpointGroup {
  readonly id: string | undefined;
  /** The AWS command that makes the group accept the task, without `aws`; none where it does. */
  readonly admit: readonly (readonly string[])[];
}

/**
 * A security group that accepts 443 from the task: one that does, such as that of another endpoint;
 * else the task's own, opened to its members.
 */
function groupFor({ task, evidence }: DoctorContext): EndpointGroup {
  const own = knownValue(taskGroupIds(evidence)) ?? [];
  const groups = knownValue(evidence.securityGroups) ?? [];
  const from = { groupIds: own, block: taskAddress(task, evidence).address };
  const open = groups.find((group) => letsIn([group], from) === 'yes')?.GroupId;
  if (open !== undefined) return { id: open, admit: [] };
  const [id] = own;
  if (id === undefined) return { id, admit: [] };
  const words = ['ec2', 'authorize-security-group-ingress', '--group-id', id, '--protocol', 'tcp'];
  return { id, admit: [[...words, '--port', '443', '--source-group', id]] };
}
