import { GetBucketEncryptionCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { BucketState, S3Api } from '../domain/doctor-ports.ts';
import type { AwsConfig } from './config.ts';
import { property, statusOf } from './failure.ts';
import type { AwsIdentity } from './identity.ts';
import { createAccess, unlessMissing } from './service-access.ts';

const NOT_ENCRYPTED = ['ServerSideEncryptionConfigurationNotFoundError'];
const REGION_HEADER = 'x-amz-bucket-region';

/** `S3Api` over the AWS SDK. The answers of HEAD are a status without a body. */
export function createS3(config: AwsConfig, identity: AwsIdentity): S3Api {
  const { settings, call } = createAccess(config, identity);
  const client = new S3Client({
    ...settings,
    // An endpoint of the user's seldom has names for every bucket.
    forcePathStyle: config.endpointUrl !== undefined,
  });
  return {
    headBucket: (bucket) =>
      call('s3:ListBucket', () =>
        client
          .send(new HeadBucketCommand({ Bucket: bucket }))
          .then((): BucketState => ({ kind: 'there' }), stateBehind),
      ),
    async bucketEncryption(bucket) {
      const command = new GetBucketEncryptionCommand({ Bucket: bucket });
      const answer = await call('s3:GetEncryptionConfiguration', () =>
        unlessMissing(NOT_ENCRYPTED, () => client.send(command)),
      );
      const rule = answer?.ServerSideEncryptionConfiguration?.Rules?.[0];
      return rule?.ApplyServerSideEncryptionByDefault;
    },
  };
}

function stateBehind(error: unknown): BucketState {
  switch (statusOf(error)) {
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
