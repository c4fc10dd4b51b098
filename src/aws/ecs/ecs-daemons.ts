import { DescribeDaemonCommand, ListDaemonsCommand } from '@aws-sdk/client-ecs';
import { allPages } from '#aws/call/pages.ts';
import type { ManagedDaemon } from '#domain/ports/ecs-admin-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { EcsConnection } from './ecs-connection.ts';

/** The managed daemon of this name in the cluster, if there is one. */
export async function findDaemon(
  { client, call }: EcsConnection,
  cluster: string,
  name: string,
): Promise<ManagedDaemon | undefined> {
  // UNVERIFIED: that ListDaemons accepts the name of a cluster as well as its ARN; call it with a name.
  const arns = await call('ListDaemons', { cluster }, () =>
    allPages(async (nextToken) => {
      const answer = await client.send(new ListDaemonsCommand({ clusterArn: cluster, nextToken }));
      const items = answer.daemonSummariesList?.flatMap(({ daemonArn }) => daemonArn ?? []);
      return { items, nextToken: answer.nextToken };
    }),
  );
  const daemonArn = arns.find((arn) => nameInArn(arn) === name);
  if (daemonArn === undefined) return undefined;
  const { daemon } = await call('DescribeDaemon', { cluster }, () =>
    client.send(new DescribeDaemonCommand({ daemonArn })),
  );
  const providers = daemon?.currentRevisions?.flatMap(({ capacityProviders = [] }) =>
    capacityProviders.flatMap(({ arn }) => arn ?? []),
  );
  return { daemonArn, capacityProviderArns: [...new Set(providers ?? [])] };
}
