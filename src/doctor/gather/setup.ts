import type { SetupEvidence } from '#doctor/evidence.ts';
import { notAsked } from '#doctor/finding.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Inquiry } from './inquiry.ts';

/** The container is chosen later, with the facts found here. */
type SetupInquiry = Omit<Inquiry, 'container'>;

/** Tier B. These calls are independent of each other. */
export async function gatherSetup(inquiry: SetupInquiry): Promise<SetupEvidence> {
  const [taskDefinition, cluster, service, containerInstance, capacityProvider] = await Promise.all(
    [
      taskDefinitionOf(inquiry),
      clusterOf(inquiry),
      serviceOf(inquiry),
      containerInstanceOf(inquiry),
      capacityProviderOf(inquiry),
    ],
  );
  return { taskDefinition, cluster, service, containerInstance, capacityProvider };
}

async function taskDefinitionOf({ subject, ports, ask }: SetupInquiry) {
  const arn = subject.task?.taskDefinitionArn;
  if (arn === undefined) return notAsked('There is no task.');
  return ask('ecs:DescribeTaskDefinition', async () =>
    (await ports.ecs()).describeTaskDefinition(arn),
  );
}

async function clusterOf({ subject, ports, ask }: SetupInquiry) {
  const { cluster } = subject;
  return ask('ecs:DescribeClusters', async () => (await ports.ecs()).describeCluster(cluster));
}

async function serviceOf({ subject, ports, ask }: SetupInquiry) {
  const { service, cluster } = subject;
  if (service === undefined) return notAsked('The task belongs to no service.');
  return ask('ecs:DescribeServices', async () =>
    (await ports.ecs()).describeService(cluster, service),
  );
}

async function containerInstanceOf({ subject, ports, ask }: SetupInquiry) {
  const arn = subject.task?.containerInstanceArn;
  if (arn === undefined) return notAsked('The task runs on no container instance.');
  return ask('ecs:DescribeContainerInstances', async () =>
    (await ports.ecs()).describeContainerInstance(subject.cluster, arn),
  );
}

/** Matters only for a standalone task on an Auto Scaling group. */
async function capacityProviderOf({ subject, ports, ask }: SetupInquiry) {
  const { task, service } = subject;
  const name = task?.capacityProviderName;
  if (name === undefined || service !== undefined || name.startsWith('FARGATE')) {
    return notAsked('No capacity provider is in question.');
  }
  return ask('ecs:DescribeCapacityProviders', async () =>
    (await ports.ecs()).describeCapacityProvider(nameInArn(name)),
  );
}
