import type { AwsConfig } from '#aws/config.ts';
import { connectEcs } from '#aws/ecs-connection.ts';
import { createIdentity } from '#aws/identity.ts';

/** What adapters are made of, as the program puts it together. */
export function connectionOf(config: AwsConfig) {
  const identity = createIdentity(config);
  return { config, identity, connection: connectEcs(config, identity) };
}
