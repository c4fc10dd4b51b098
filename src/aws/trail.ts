import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { TrailApi } from '#domain/ports/doctor-ports.ts';
import { withCheckedAnswers } from './call/checked-answers.ts';
import type { AwsConfig } from './call/config.ts';
import type { AwsIdentity } from './call/identity.ts';
import { createAccess } from './call/service-access.ts';

/** The maximum per page. CloudTrail allows two calls a second, so there is no second page. */
const EVENTS = 50;

/** `TrailApi` over the AWS SDK. */
export function createTrail(config: AwsConfig, identity: AwsIdentity): TrailApi {
  const { settings, call } = createAccess(config, identity);
  const client = withCheckedAnswers(new CloudTrailClient(settings));
  return {
    async lookupExecEvents() {
      const command = new LookupEventsCommand({
        LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'ExecuteCommand' }],
        MaxResults: EVENTS,
      });
      const { Events } = await call('cloudtrail:LookupEvents', () => client.send(command));
      return Events ?? [];
    },
  };
}
