import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { DescribeClustersCommand, UpdateClusterCommand } from '@aws-sdk/client-ecs';
import { property } from '#aws/call/failure.ts';
import type { ClusterDetails } from '#domain/ports/ecs-responses.ts';

type Configuration = ClusterDetails['configuration'];

/**
 * Keeps the configuration of the first cluster as AWS sent it. The SDK drops fields that its version
 * does not know, and AWS may lose a setting that UpdateCluster does not repeat.
 *
 * @returns a function that returns the configuration, to be called after the command was sent
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

/** Sends the configuration unchanged, with the fields that the SDK would drop. */
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

/** Returns undefined if the text is not a DescribeClusters response; the SDK reports that failure. */
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
