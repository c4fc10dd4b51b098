import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { withCheckedAnswers } from './checked-answers.ts';
import type { AwsConfig } from './config.ts';
import { property } from './failure.ts';
import type { AwsIdentity } from './identity.ts';
import { createAccess } from './service-access.ts';

/**
 * Milliseconds by which the clock of AWS is ahead of ours, from the `Date` header of an answer of STS.
 * Refusals have the header too, and a wrong clock is a reason for one. It has whole seconds, so the result may be
 * off by half a second.
 *
 * @throws EcshError if there is no answer
 */
export async function measureClockSkew(config: AwsConfig, identity: AwsIdentity): Promise<number> {
  const { settings, call } = createAccess(config, identity);
  const client = withCheckedAnswers(new STSClient({ ...settings, maxAttempts: 1 }));
  let skew: number | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const date = property(property(result.response, 'headers'), 'date');
      if (typeof date === 'string') skew = Date.parse(date) - Date.now();
      return result;
    },
    // Below the middleware that turns an error answer into an exception.
    { step: 'deserialize', priority: 'low', name: 'readDate' },
  );
  await call('sts:GetCallerIdentity', () =>
    client.send(new GetCallerIdentityCommand({})).catch((error: unknown) => {
      if (skew === undefined) throw error;
    }),
  );
  if (skew === undefined || Number.isNaN(skew)) throw new Error('STS answered without a date');
  return skew;
}
