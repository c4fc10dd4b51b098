import {
  ClientException,
  DescribeCapacityProvidersCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { answered } from '#aws/call/answered.ts';
import type { EcsDetailsApi } from '#domain/ports/doctor-ports.ts';
import type { EcsConnection } from './ecs-connection.ts';
import { keepConfiguration } from './whole-configuration.ts';

/** `EcsDetailsApi` over the AWS SDK. */
export function createEcsDetails({ client, call: send }: EcsConnection): EcsDetailsApi {
  const call = <T>(operation: string, request: () => Promise<T>) =>
    send(operation, { action: `ecs:${operation}` }, request);
  return {
    async describeTaskDefinition(taskDefinition) {
      const command = new DescribeTaskDefinitionCommand({ taskDefinition });
      const answer = await call('DescribeTaskDefinition', () =>
        client.send(command).catch(undefinedIfUnknown),
      );
      return answer && answered('DescribeTaskDefinition', answer.taskDefinition);
    },
    async describeCluster(cluster) {
      const command = new DescribeClustersCommand({
        clusters: [cluster],
        include: ['CONFIGURATIONS', 'TAGS'],
      });
      const configuration = keepConfiguration(command);
      const { clusters } = await call('DescribeClusters', () => client.send(command));
      const [found] = answered('DescribeClusters', clusters);
      return found === undefined ? undefined : { ...found, configuration: configuration() };
    },
    async describeService(cluster, service) {
      const command = new DescribeServicesCommand({
        cluster,
        services: [service],
        include: ['TAGS'],
      });
      const { services } = await call('DescribeServices', () => client.send(command));
      return answered('DescribeServices', services)[0];
    },
    async describeContainerInstance(cluster, arn) {
      const command = new DescribeContainerInstancesCommand({
        cluster,
        containerInstances: [arn],
      });
      const answer = await call('DescribeContainerInstances', () => client.send(command));
      return answered('DescribeContainerInstances', answer.containerInstances)[0];
    },
    async describeCapacityProvider(name) {
      const command = new DescribeCapacityProvidersCommand({ capacityProviders: [name] });
      const answer = await call('DescribeCapacityProviders', () => client.send(command));
      return answered('DescribeCapacityProviders', answer.capacityProviders)[0];
    },
  };
}

/** ECS has no separate error name for this missing resource. */
function undefinedIfUnknown(error: unknown): undefined {
  const isUnknown = error instanceof ClientException && /unable to describe/i.test(error.message);
  if (!isUnknown) throw error;
}
