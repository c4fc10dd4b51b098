import type { AwsConfig } from '../../src/aws/config.ts';
import { connectEcs } from '../../src/aws/ecs-connection.ts';
import { createIdentity } from '../../src/aws/identity.ts';

/** What adapters are made of, as the program puts it together. */
export function connectionOf(config: AwsConfig) {
  const identity = createIdentity(config);
  return { config, identity, connection: connectEcs(config, identity) };
}
