import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { LogsApi } from '#domain/ports/doctor-ports.ts';
import { answered } from './call/answered.ts';
import { withCheckedAnswers } from './call/checked-answers.ts';
import type { AwsConfig } from './call/config.ts';
import type { AwsIdentity } from './call/identity.ts';
import { allPages } from './call/pages.ts';
import { createAccess } from './call/service-access.ts';

/** `LogsApi` over the AWS SDK. */
export function createLogs(config: AwsConfig, identity: AwsIdentity): LogsApi {
  const { settings, call } = createAccess(config, identity);
  const client = withCheckedAnswers(new CloudWatchLogsClient(settings));
  return {
    describeLogGroups: (logGroupNamePrefix) =>
      call('logs:DescribeLogGroups', () =>
        allPages(async (nextToken) => {
          const answer = await client.send(
            new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }),
          );
          return {
            items: answered('DescribeLogGroups', answer.logGroups),
            nextToken: answer.nextToken,
          };
        }),
      ),
  };
}
