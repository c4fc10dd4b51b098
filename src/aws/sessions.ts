import { DescribeSessionsCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { SessionsApi } from '#domain/ports/doctor-ports.ts';
import { withCheckedAnswers } from './call/checked-answers.ts';
import type { AwsConfig } from './call/config.ts';
import type { AwsIdentity } from './call/identity.ts';
import { allPages } from './call/pages.ts';
import { createAccess } from './call/service-access.ts';

/** The largest page that DescribeSessions returns (SSM API). */
const PAGE_SIZE = 200;

/** `SessionsApi` over the AWS SDK. */
export function createSessions(config: AwsConfig, identity: AwsIdentity): SessionsApi {
  const { settings, call } = createAccess(config, identity);
  const client = withCheckedAnswers(new SSMClient(settings));
  return {
    describeSessions: (targetId) =>
      call('ssm:DescribeSessions', () =>
        allPages(async (token) => {
          const command = new DescribeSessionsCommand({
            State: 'Active',
            Filters: [{ key: 'Target', value: targetId }],
            NextToken: token,
          });
          const { Sessions, NextToken } = await client.send(command);
          // Do not rely on the filter: count only the sessions of this container.
          const items = Sessions?.filter(({ Target = targetId }) => Target === targetId);
          return { items, nextToken: NextToken };
        }),
      ),
    listSessions: ({ state, after }) =>
      call('ssm:DescribeSessions', () =>
        allPages(async (token) => {
          // Without milliseconds, as in the example of the SSM API.
          const filters = after && [
            { key: 'InvokedAfter', value: after.toISOString().replace(/\.\d+Z$/, 'Z') } as const,
          ];
          const command = new DescribeSessionsCommand({
            State: state,
            MaxResults: PAGE_SIZE,
            Filters: filters,
            NextToken: token,
          });
          const { Sessions, NextToken } = await client.send(command);
          return { items: Sessions, nextToken: NextToken };
        }),
      ),
  };
}
