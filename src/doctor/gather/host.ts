import type { DoctorSubject } from '#doctor/check-model.ts';
import type { HostEvidence, SetupEvidence } from '#doctor/evidence.ts';
import { chain, type Finding, known, knownValue, notAsked } from '#doctor/finding.ts';
import { execAgent } from '#domain/resolve/candidates.ts';
import type { Inquiry } from './inquiry.ts';

/** The task's EC2 instance, and its image. */
export async function gatherHost(
  { subject, ports, ask }: Pick<Inquiry, 'subject' | 'ports' | 'ask'>,
  setup: SetupEvidence,
): Promise<HostEvidence> {
  const [instance, image] = await Promise.all([
    chain(instanceId(subject, setup), (id) =>
      ask('ec2:DescribeInstances', async () => (await ports.ec2()).describeInstance(id)),
    ),
    chain(imageId(subject, setup), (id) =>
      ask('ec2:DescribeImages', async () => (await ports.ec2()).describeImage(id)),
    ),
  ]);
  return { instance, image };
}

/** EC2 does not know external instances (`mi-…`). */
function instanceId({ task }: DoctorSubject, setup: SetupEvidence): Finding<string> {
  const { containerInstance, taskDefinition } = setup;
  const role = task?.overrides.taskRoleArn ?? knownValue(taskDefinition)?.taskRoleArn;
  const hasInterface = task?.attachments.some(({ type }) => type === 'ElasticNetworkInterface');
  // Then neither the role nor the network of the instance matters.
  if (hasInterface && role !== undefined) {
    return notAsked('The task has a role and an interface of its own.');
  }
  if (containerInstance.kind !== 'known') return containerInstance;
  const id = containerInstance.value?.ec2InstanceId;
  return id?.startsWith('i-') ? known(id) : notAsked('The task runs on no EC2 instance.');
}

/** A running exec agent proves that the image has one, so the image is not looked up. */
function imageId({ task }: DoctorSubject, { containerInstance }: SetupEvidence): Finding<string> {
  const agents = task?.containers.map(execAgent) ?? [];
  if (agents.some((agent) => agent?.lastStatus === 'RUNNING')) {
    return notAsked('The image holds the exec agent: it runs.');
  }
  if (containerInstance.kind !== 'known') return containerInstance;
  const { attributes = [] } = containerInstance.value ?? {};
  const id = attributes.find(({ name }) => name === 'ecs.ami-id')?.value;
  return id === undefined ? notAsked('ECS does not say which image it is.') : known(id);
}
