import type { DoctorContext } from '#doctor/check-model.ts';
import { clusterHome } from '#doctor/cluster-home.ts';
import { knownValue } from '#doctor/finding.ts';
import type { EndpointService } from '#doctor/rules/endpoints.ts';
import { letsIn } from '#doctor/rules/security-groups.ts';
import { taskAddress, taskGroupIds } from '#doctor/task-network.ts';
import { awsCommand } from '#domain/errors/aws-command.ts';
import type { CheckFix } from '#domain/readiness/readiness-model.ts';

/** A fix that creates an endpoint in the VPC of the task. For S3 it is a gateway endpoint, which is free. */
export function createEndpointFix(service: EndpointService, context: DoctorContext): CheckFix {
  const { evidence, flags } = context;
  const region = clusterHome(context, evidence)?.region ?? '';
  const create = ['ec2', 'create-vpc-endpoint', '--vpc-id', vpcOf(context)];
  // UNVERIFIED: in China, every service also has a name that begins with com.amazonaws, not only with
  // cn.com.amazonaws. To check, run `aws ec2 describe-vpc-endpoint-services` there.
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

/** ID of the VPC; empty if unknown. */
export function vpcOf({ evidence }: DoctorContext): string {
  return knownValue(evidence.vpc)?.vpcId ?? '';
}

interface EndpointGroup {
  readonly id: string | undefined;
  /** AWS CLI commands, without `aws`, that let the group accept traffic from the task; empty if it already does. */
  readonly admit: readonly (readonly string[])[];
}

/**
 * Chooses a security group for the endpoint: one that accepts 443 from the task, such as that of another
 * endpoint; otherwise the task's own group, with a rule that accepts 443 from its members.
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
