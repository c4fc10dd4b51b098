import { POLICIES } from '../../src/domain/policy/policies.ts';
import {
  documentOf,
  type PolicyTemplate,
  type PolicyValues,
} from '../../src/domain/policy/policy-model.ts';
import { code, generated, table } from './page.ts';

const EXAMPLE: PolicyValues = {
  partition: 'aws',
  region: 'eu-central-1',
  account: '123456789012',
  cluster: 'prod',
  containers: [],
  tag: undefined,
  tagScope: 'both',
  logGroup: '/ecs/exec',
  bucket: 'session-logs',
  prefix: 'exec/',
  kmsKey: 'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  bucketKey: '',
};

const INTRODUCTION = `
# Permissions

Three identities are involved. **You** need \`ecs:ExecuteCommand\`, on the cluster and on the task. The **task role**, not
the execution role, needs the channels of the exec agent. The **service-linked role** of ECS starts the session, so that
denying \`ssm:StartSession\` to people does not break ECS Exec.

\`ecsh policy NAME\` prints each of the policies below, filled in from flags or from a target. The JSON alone goes to
stdout. \`ecsh doctor TARGET\` says which of these rights is missing, and where.
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
