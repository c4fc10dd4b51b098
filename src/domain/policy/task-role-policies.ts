import { OTHER_ACCOUNT, PLACE, type PolicyTemplate } from './policy-model.ts';

/** Actions of the exec agent's channels; none supports resource-level permissions. */
export const CHANNEL_ACTIONS = [
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
];

const none = () => [];

/** The agent puts a slash between the prefix and the name of the log. */
function folderOf(prefix: string): string {
  const name = prefix.replaceAll(/^\/+|\/+$/g, '');
  return name === '' ? '' : `${name}/`;
}

/** Policies for the task role, which the exec agent uses. It does not use the execution role. */
export const TASK_ROLE_POLICIES: readonly PolicyTemplate[] = [
  {
    name: 'trust',
    summary: 'lets the tasks of an account and region take the role',
    attachTo: 'the task role, as its trust policy',
    needs: PLACE,
    statements: ({ partition, region, account }) => [
      {
        Effect: 'Allow',
        // The same service principal in every partition.
        Principal: { Service: 'ecs-tasks.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:ecs:${region}:${account}:*` },
        },
      },
    ],
    remarks: none,
  },
  {
    name: 'task-role',
    summary: 'lets the exec agent open its channels: required',
    attachTo: 'the task role',
    needs: [],
    statements: () => [
      { Sid: 'EcsExecChannels', Effect: 'Allow', Action: CHANNEL_ACTIONS, Resource: '*' },
    ],
    remarks: () => [
      'AmazonSSMManagedInstanceCore would do as well, but grants far more.',
      'The permissions apply to running tasks too; replace the tasks if they do not connect within minutes.',
    ],
  },
  {
    name: 'logs-cloudwatch',
    summary: 'session logs to CloudWatch Logs',
    attachTo: 'the task role',
    needs: [...PLACE, 'logGroup'],
    statements: ({ partition, region, account, logGroup }) => [
      { Effect: 'Allow', Action: ['logs:DescribeLogGroups'], Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
        Resource: `arn:${partition}:logs:${region}:${account}:log-group:${logGroup}:*`,
      },
    ],
    remarks: () => ['The log group has to exist: ECS creates none.'],
  },
  {
    name: 'logs-s3',
    summary: 'session logs to S3',
    attachTo: 'the task role',
    needs: ['partition', 'bucket'],
    statements: ({ partition, bucket, prefix, bucketKey, bucketAccount }) => [
      { Effect: 'Allow', Action: ['s3:GetBucketLocation'], Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['s3:GetEncryptionConfiguration'],
        Resource: `arn:${partition}:s3:::${bucket}`,
      },
      {
        Effect: 'Allow',
        Action: bucketAccount === '' ? ['s3:PutObject'] : ['s3:PutObject', 's3:PutObjectAcl'],
        Resource: `arn:${partition}:s3:::${bucket}/${folderOf(prefix)}*`,
      },
      ...(bucketKey === ''
        ? []
        : [
            {
              Effect: 'Allow',
              Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
              Resource: bucketKey,
            } as const,
          ]),
    ],
    remarks: ({ bucketKey, bucketAccount }) => [
      'The bucket has to exist: ECS creates none.',
      ...(bucketKey === '' ? ['A bucket with SSE-KMS needs --bucket-kms-key too.'] : []),
      bucketAccount === ''
        ? 'A bucket of another account needs --bucket-account too: the agent sets an ACL on what it writes.'
        : `The policy of the bucket, in ${bucketAccount === OTHER_ACCOUNT ? 'its own account' : `account ${bucketAccount}`}, has to allow all of this too.`,
    ],
  },
  {
    name: 'task-kms',
    summary: 'lets the agent decrypt the session key of the cluster',
    attachTo: 'the task role',
    needs: ['kmsKey'],
    statements: ({ kmsKey }) => [{ Effect: 'Allow', Action: ['kms:Decrypt'], Resource: kmsKey }],
    remarks: () => ['The key policy has to allow it too.'],
  },
];
