import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { DescribeClustersCommand, UpdateClusterCommand } from '@aws-sdk/client-ecs';
import type { ClusterDetails } from '#domain/ports/ecs-responses.ts';
import { property } from './failure.ts';

type Configuration = ClusterDetails['configuration'];

/**
 * Keeps the configuration of the first cluster as it was sent. The SDK leaves out what its version
 * does not know, and a setting that UpdateCluster does not get may be lost (READINESS 5).
 *
 * @returns what was kept, once the command has been sent
 */
export function keepConfiguration(command: DescribeClustersCommand): () => Configuration {
  let kept: Configuration;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { body: Readable | Buffer };
      const body = await buffer(response.body as Readable);
      response.body = body;
      kept = configurationIn(body.toString());
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'keepConfiguration' },
  );
  return () => kept;
}

/** Sends the configuration as it is, with what the SDK would leave out. */
export function sendWhole(command: UpdateClusterCommand, configuration: Configuration): void {
  command.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request as { body: string };
      request.body = JSON.stringify({ ...args.input, configuration });
      return next(args);
    },
    { step: 'serialize', priority: 'low', name: 'sendWhole' },
  );
}

/** Undefined for what is no such answer: the SDK says so. */
function configurationIn(text: string): Configuration {
  try {
    const answer: unknown = JSON.parse(text, (_key, value) => value ?? undefined);
    const clusters = property(answer, 'clusters');
    const [cluster] = Array.isArray(clusters) ? clusters : [];
    return property(cluster, 'configuration') as Configuration;
  } catch {
    return undefined;
  }
}
