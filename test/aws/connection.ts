import type { AwsConfig } from '#aws/config.ts';
import { connectEcs } from '#aws/ecs-connection.ts';
import { createIdentity } from '#aws/identity.ts';

/** The parts that adapters are built from, put together as in the program. */
export function connectionOf(config: AwsConfig) {
  const identity = createIdentity(config);
  return { config, identity, connection: connectEcs(config, identity) };
}
