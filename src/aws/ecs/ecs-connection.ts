import { ECSClient } from '@aws-sdk/client-ecs';
import { withCheckedAnswers } from '#aws/call/checked-answers.ts';
import { type AwsConfig, clientSettings, flagsOf, placeOf } from '#aws/call/config.ts';
import { explainedFailure } from '#aws/call/failure.ts';
import { type AwsIdentity, createIdentity } from '#aws/call/identity.ts';
import type { FailureContext } from '#domain/errors/failure-rule.ts';
import type { AwsPlace } from '#domain/ports/ecs-ports.ts';

/** The ECS clients of one invocation. All callers share their sockets. */
export interface EcsConnection {
  readonly client: ECSClient;
  /** Never retries, for calls that must not run twice. Uses the same sockets. */
  readonly onceClient: ECSClient;
  /** The region and profile of the calls. */
  place(): Promise<AwsPlace>;
  /** Sends a call. Rejects with an explained `EcshError` if it fails. */
  call<T>(operation: string, request: FailureContext, send: () => Promise<T>): Promise<T>;
}

/** Neither looks up credentials nor connects before the first call. */
export function connectEcs(
  config: AwsConfig,
  identity: AwsIdentity = createIdentity(config),
): EcsConnection {
  const settings = {
    ...clientSettings(config),
    region: identity.region,
    credentials: identity.credentials,
  };
  const client = withCheckedAnswers(new ECSClient(settings));
  const { requestHandler } = client.config;
  return {
    client,
    onceClient: withCheckedAnswers(new ECSClient({ ...settings, requestHandler, maxAttempts: 1 })),
    place: () => placeOf(config, identity),
    call(operation, request, send) {
      const context = async () => ({
        ...request,
        ...(await placeOf(config, identity)),
        endpoint: config.endpointUrl,
        flags: flagsOf(config),
      });
      return explainedFailure(operation, context, send, config);
    },
  };
}
