import { ECSClient } from '@aws-sdk/client-ecs';
import type { FailureContext } from '#domain/errors/failure-rule.ts';
import type { AwsPlace } from '#domain/ports/ecs-ports.ts';
import { type AwsConfig, clientSettings, flagsOf, placeOf } from './config.ts';
import { explained } from './failure.ts';
import { type AwsIdentity, createIdentity } from './identity.ts';

/** ECS for one invocation; what shares it shares its sockets too. */
export interface EcsConnection {
  readonly client: ECSClient;
  /** Sends once: for what must not be done twice. On the same sockets. */
  readonly onceClient: ECSClient;
  /** Where the calls go. */
  place(): Promise<AwsPlace>;
  /** Awaits a call and explains its failure. */
  call<T>(operation: string, request: FailureContext, send: () => Promise<T>): Promise<T>;
}

/** Nothing is looked up or sent before the first call. */
export function connectEcs(
  config: AwsConfig,
  identity: AwsIdentity = createIdentity(config),
): EcsConnection {
  const settings = {
    ...clientSettings(config),
    region: identity.region,
    credentials: identity.credentials,
  };
  const client = new ECSClient(settings);
  const { requestHandler } = client.config;
  return {
    client,
    onceClient: new ECSClient({ ...settings, requestHandler, maxAttempts: 1 }),
    place: () => placeOf(config, identity),
    call(operation, request, send) {
      const context = async () => ({
        ...request,
        ...(await placeOf(config, identity)),
        endpoint: config.endpointUrl,
        flags: flagsOf(config),
      });
      return explained(operation, context, send, config);
    },
  };
}
