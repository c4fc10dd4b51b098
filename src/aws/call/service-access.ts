import type { FailureContext } from '#domain/errors/failure-rule.ts';
import { type AwsConfig, clientSettings, flagsOf, placeOf } from './config.ts';
import { explainedFailure } from './failure.ts';
import type { AwsIdentity } from './identity.ts';

/** Settings for the SDK client of a service, and the function that sends its calls. */
export interface ServiceAccess {
  readonly settings: ReturnType<typeof clientSettings> & {
    readonly region: AwsIdentity['region'];
    readonly credentials: AwsIdentity['credentials'];
  };
  /**
   * Sends a call that needs the IAM action `SERVICE:OPERATION`.
   *
   * @throws EcshError that explains the failure; `access-denied` names the missing action
   */
  call<T>(action: string, send: () => Promise<T>, request?: FailureContext): Promise<T>;
}

export function createAccess(config: AwsConfig, identity: AwsIdentity): ServiceAccess {
  return {
    settings: {
      ...clientSettings(config),
      region: identity.region,
      credentials: identity.credentials,
    },
    call(action, send, request) {
      const context = async () => ({
        ...request,
        action,
        ...(await placeOf(config, identity)),
        endpoint: config.endpointUrl,
        flags: flagsOf(config),
      });
      const operation = action.slice(action.indexOf(':') + 1);
      return explainedFailure(operation, context, send, config);
    },
  };
}

/** Returns undefined if the call fails with one of these error names, which mean that the resource does not exist. */
export async function unlessMissing<T>(
  names: readonly string[],
  send: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof Error && names.includes(error.name)) return undefined;
    throw error;
  }
}
