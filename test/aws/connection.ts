import type { AwsConfig } from '#aws/call/config.ts';
import { createIdentity } from '#aws/call/identity.ts';
import { connectEcs } from '#aws/ecs/ecs-connection.ts';

/** The parts of the adapters, assembled as in the program. */
export function connectionOf(config: AwsConfig) {
  const identity = createIdentity(config);
  return { config, identity, connection: connectEcs(config, identity) };
}
