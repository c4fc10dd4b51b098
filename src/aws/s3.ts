import { GetBucketEncryptionCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Api } from '#domain/ports/doctor-ports.ts';
import type { BucketState } from '#domain/ports/session-responses.ts';
import { answered } from './call/answered.ts';
import { withCheckedAnswers } from './call/checked-answers.ts';
import type { AwsConfig } from './call/config.ts';
import { httpStatusOf, property } from './call/failure.ts';
import type { AwsIdentity } from './call/identity.ts';
import { hasOwnEndpoint } from './call/own-endpoint.ts';
import { createAccess, unlessMissing } from './call/service-access.ts';

const NOT_ENCRYPTED = ['ServerSideEncryptionConfigurationNotFoundError'];
const REGION_HEADER = 'x-amz-bucket-region';

/** `S3Api` over the AWS SDK. The answers of HEAD are a status without a body. */
export function createS3(config: AwsConfig, identity: AwsIdentity): S3Api {
  const { settings, call } = createAccess(config, identity);
  let client: Promise<S3Client> | undefined;
  const connect = () => {
    // A custom endpoint seldom has a host name for each bucket.
    client ??= hasOwnEndpoint(config).then((forcePathStyle) =>
      withCheckedAnswers(new S3Client({ ...settings, forcePathStyle })),
    );
    return client;
  };
  return {
    headBucket: (bucket) =>
      call('s3:ListBucket', async () => {
        const command = new HeadBucketCommand({ Bucket: bucket });
        return (await connect())
          .send(command)
          .then((): BucketState => ({ kind: 'there' }), stateBehind);
      }),
    async bucketEncryption(bucket, owner) {
      const command = new GetBucketEncryptionCommand({
        Bucket: bucket,
        ExpectedBucketOwner: owner,
      });
      const answer = await call('s3:GetEncryptionConfiguration', () =>
        unlessMissing(NOT_ENCRYPTED, async () => (await connect()).send(command)),
      );
      if (answer === undefined) return undefined;
      const { Rules } = answered('GetBucketEncryption', answer.ServerSideEncryptionConfiguration);
      return Rules?.[0]?.ApplyServerSideEncryptionByDefault;
    },
  };
}

function stateBehind(error: unknown): BucketState {
  switch (httpStatusOf(error)) {
    case 404:
      return { kind: 'missing' };
    case 301: {
      const region = property(property(property(error, '$response'), 'headers'), REGION_HEADER);
      return { kind: 'elsewhere', region: typeof region === 'string' ? region : undefined };
    }
    default:
      throw error;
  }
}
