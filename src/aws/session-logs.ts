import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeSessionsCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { SessionLogsApi } from '#domain/ports/log-ports.ts';
import { withCheckedAnswers } from './call/checked-answers.ts';
import type { AwsConfig } from './call/config.ts';
import type { AwsIdentity } from './call/identity.ts';
import { hasOwnEndpoint } from './call/own-endpoint.ts';
import { createAccess, unlessMissing } from './call/service-access.ts';

const MISSING = ['NoSuchKey', 'NoSuchBucket', 'NotFound'];

/** `SessionLogsApi` over the AWS SDK. */
export function createSessionLogs(config: AwsConfig, identity: AwsIdentity): SessionLogsApi {
  const { settings, call } = createAccess(config, identity);
  return {
    async targetOf(sessionId) {
      const client = withCheckedAnswers(new SSMClient(settings));
      // DescribeSessions takes one state at a time.
      for (const State of ['History', 'Active'] as const) {
        const command = new DescribeSessionsCommand({
          State,
          Filters: [{ key: 'SessionId', value: sessionId }],
        });
        const { Sessions = [] } = await call('ssm:DescribeSessions', () => client.send(command));
        const session = Sessions.find((candidate) => candidate.SessionId === sessionId);
        if (session !== undefined) return session.Target;
      }
      return undefined;
    },
    async readObject(bucket, key) {
      // A custom endpoint seldom has a host name for each bucket.
      const forcePathStyle = await hasOwnEndpoint(config);
      const client = withCheckedAnswers(
        new S3Client({ ...settings, forcePathStyle, followRegionRedirects: true }),
      );
      const command = new GetObjectCommand({ Bucket: bucket, Key: key });
      return call('s3:GetObject', () =>
        unlessMissing(MISSING, async () => (await client.send(command)).Body?.transformToString()),
      );
    },
  };
}
