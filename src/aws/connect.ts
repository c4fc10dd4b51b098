import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import { findCaBundle } from './call/ca-bundle.ts';
import type { AwsConfig } from './call/config.ts';
import { type AwsIdentity, createIdentity } from './call/identity.ts';
import { ownEndpoint } from './call/own-endpoint.ts';
import { createUpgradeSigner, type UpgradeSigner } from './call/upgrade-signer.ts';
import { createEcs } from './ecs/ecs.ts';
import { connectEcs, type EcsConnection } from './ecs/ecs-connection.ts';

/** The AWS access that every session needs; adapters of other services are built from it. */
export interface AwsConnection {
  readonly config: AwsConfig;
  readonly identity: AwsIdentity;
  readonly connection: EcsConnection;
  readonly ecs: EcsApi;
  readonly sign: UpgradeSigner;
  /** The endpoint that the user named; undefined: AWS's own. */
  readonly ownEndpoint: () => Promise<string | undefined>;
}

/**
 * Sends nothing before the first call.
 *
 * @param wayOut creates the agents that reach AWS, with these certificates (a file) in addition to Node's own
 */
export async function openAwsConnection(
  direct: AwsConfig,
  wayOut: (caBundle: string | undefined) => Promise<AwsConfig['agents']>,
): Promise<AwsConnection> {
  const config = { ...direct, agents: await wayOut(await findCaBundle(direct)) };
  const identity = createIdentity(config);
  const connection = connectEcs(config, identity);
  return {
    config,
    identity,
    connection,
    ecs: createEcs(config, connection),
    sign: createUpgradeSigner(config, identity),
    ownEndpoint: () => ownEndpoint(config),
  };
}
