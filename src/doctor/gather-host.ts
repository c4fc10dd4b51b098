import type { HostEvidence, SetupEvidence } from './evidence.ts';
import { chain, type Finding, known, notAsked } from './finding.ts';
import type { Inquiry } from './inquiry.ts';

/** The EC2 instance under the task, and its image. */
export async function gatherHost(
  { ports, ask }: Pick<Inquiry, 'ports' | 'ask'>,
  setup: SetupEvidence,
): Promise<HostEvidence> {
  const [instance, image] = await Promise.all([
    chain(instanceId(setup), (id) =>
      ask('ec2:DescribeInstances', async () => (await ports.ec2()).describeInstance(id)),
    ),
    chain(imageId(setup), (id) =>
      ask('ec2:DescribeImages', async () => (await ports.ec2()).describeImage(id)),
    ),
  ]);
  return { instance, image };
}

/** An external instance (`mi-…`) is none of EC2's. */
function instanceId({ containerInstance }: SetupEvidence): Finding<string> {
  if (containerInstance.kind !== 'known') return containerInstance;
  const id = containerInstance.value?.ec2InstanceId;
  return id?.startsWith('i-') ? known(id) : notAsked('The task runs on no EC2 instance.');
}

function imageId({ containerInstance }: SetupEvidence): Finding<string> {
  if (containerInstance.kind !== 'known') return containerInstance;
  const { attributes = [] } = containerInstance.value ?? {};
  const id = attributes.find(({ name }) => name === 'ecs.ami-id')?.value;
  return id === undefined ? notAsked('ECS does not say which image it is.') : known(id);
}
