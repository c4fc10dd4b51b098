import { POLICIES } from '../../src/domain/policy/policies.ts';
import {
  documentOf,
  EMPTY_VALUES,
  type PolicyTemplate,
  type PolicyValues,
} from '../../src/domain/policy/policy-model.ts';
import { code, generated, table } from './page.ts';

const EXAMPLE: PolicyValues = {
  ...EMPTY_VALUES,
  partition: 'aws',
  region: 'eu-central-1',
  account: '123456789012',
  cluster: 'prod',
  logGroup: '/ecs/exec',
  bucket: 'session-logs',
  prefix: 'exec/',
  kmsKey: 'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  family: 'web',
  roles: [
    'arn:aws:iam::123456789012:role/web',
    'arn:aws:iam::123456789012:role/ecsTaskExecutionRole',
  ],
};

const INTRODUCTION = `
# Permissions

Three identities are involved. **You** need \`ecs:ExecuteCommand\`, on the cluster and on the task. The **task role**, not
the execution role, needs the \`ssmmessages\` permissions of the exec agent. The **service-linked role** of ECS starts the session, so
denying \`ssm:StartSession\` to people does not break ECS Exec.

\`ecsh policy NAME\` prints each of the policies below, with values from flags or from a target. Only the JSON goes to
stdout. \`ecsh doctor TARGET\` finds out which of these permissions is missing, and where.
`;

const CONDITION_KEYS = `
## Condition keys

You can use these keys in your own policies. \`ecs:ExecuteCommand\` is authorised on the cluster **and** on the task: a statement
with a condition on a tag applies to each of them only if it has the tag.

| Key | Actions | Value |
| --- | --- | --- |
| \`aws:ResourceTag/KEY\`, \`ecs:ResourceTag/KEY\` | \`ecs:ExecuteCommand\`, \`ecs:DescribeTasks\`, \`ssm:StartSession\` | a tag of the cluster or task; services and task definitions are not part of the request |
| \`ecs:cluster\` | \`ecs:ExecuteCommand\`, \`ecs:ListTasks\`, \`ecs:RunTask\` and others | ARN of the cluster, with ArnEquals or ArnLike |
| \`ecs:task\` | \`ecs:ExecuteCommand\` | ARN of the task; task ids change with every deployment, so tags are more useful |
| \`ecs:container-name\` | \`ecs:ExecuteCommand\` | name of the container |
| \`ecs:enable-execute-command\` | \`ecs:CreateService\`, \`ecs:UpdateService\`, \`ecs:RunTask\`, \`ecs:StartTask\` | \`"true"\` or \`"false"\` |
| \`aws:RequestedRegion\` | all | name of the region |
| \`iam:PassedToService\` | \`iam:PassRole\` | \`ecs-tasks.amazonaws.com\` |
| \`kms:EncryptionContext:aws:ssm:TargetId\` | \`kms:GenerateDataKey\`, \`kms:Decrypt\` | \`ecs:CLUSTER_TASK_RUNTIMEID\`, the target of a session |
`;

/** `docs/permissions.md`: every template of `ecsh policy`, filled in with examples. */
export function permissionsPage(): string {
  const rows = POLICIES.map(({ name, attachTo, summary }) => [
    `[${name}](#${name})`,
    attachTo,
    summary,
  ]);
  return [
    generated('src/domain/policy/policies.ts'),
    INTRODUCTION,
    table(['Policy', 'For', 'What it does'], rows),
    ...POLICIES.map(section),
    CONDITION_KEYS,
  ].join('\n');
}

function section(template: PolicyTemplate): string {
  const { name, summary, attachTo, needs } = template;
  // Only deny-container cannot do without one.
  const containers = needs.includes('containers') ? ['app'] : [];
  const values = { ...EXAMPLE, containers };
  const remarks = template.remarks(values).map((remark) => `- ${remark}\n`);
  return [
    `## ${name}\n`,
    `For ${attachTo}: ${summary}.\n`,
    code('json', JSON.stringify(documentOf(template, values), null, 2)),
    ...(remarks.length === 0 ? [] : [remarks.join('')]),
  ].join('\n');
}
