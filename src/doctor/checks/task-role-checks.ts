import {
  type DoctorCheck,
  type DoctorContext,
  forTask,
  type TaskContext,
} from '#doctor/check-model.ts';
import { clusterHome } from '#doctor/cluster-home.ts';
import { containerLogging } from '#doctor/container-logging.ts';
import { judge, knownValue } from '#doctor/finding.ts';
import { agentRoleArn, taskRoleArn } from '#doctor/roles.ts';
import { type Decision, isFinal } from '#doctor/rules/simulation.ts';
import { type Trust, trustOfEcs } from '#doctor/rules/trust.ts';
import { sessionKeyArn } from '#doctor/session-key.ts';
import type { RoleDetails } from '#domain/ports/iam-responses.ts';
import { type CheckFix, type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { DOCS } from './docs.ts';
import { judgeKeyUse } from './key-rights.ts';
import { grantFix, pipedFix } from './policy-fix.ts';
import { actionsOf, becauseOf, decisionEvidence, judgeRights } from './rights.ts';

/** The trust policy and the permissions of the task role. */
export const TASK_ROLE_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'task-role-trust',
    title: 'Task role trusts ECS',
    area: 'permissions',
    severity: 'fail',
    meaning:
      'The task role exists and lets ecs-tasks.amazonaws.com assume it, so that ECS can hand it to the task.',
    remedy: 'Give the role the trust policy of `ecsh policy trust -C CLUSTER`.',
    docs: DOCS.taskRole,
    run: forTask(checkTrust),
  },
  {
    id: 'task-role-ssmmessages',
    title: 'Task role opens the channels',
    area: 'permissions',
    severity: 'fail',
    meaning:
      'The exec agent needs the four channel actions of ssmmessages on the task role. Without them, the agent runs but never connects (TargetNotConnectedException).',
    remedy:
      'Attach the policy of `ecsh policy task-role` to the task role. The permissions apply to running tasks too; replace the tasks if they do not connect within minutes.',
    docs: DOCS.exec,
    run: checkChannels,
  },
  {
    id: 'task-role-kms-decrypt',
    title: 'Task role decrypts the session key',
    area: 'permissions',
    severity: 'fail',
    meaning:
      'With a KMS key on the cluster, the exec agent needs kms:Decrypt on it. The key policy can grant it too, so a denial by IAM alone is only a warning.',
    remedy: 'Attach the policy of `ecsh policy task-kms`, or grant it in the key policy.',
    docs: DOCS.exec,
    run: checkDecrypt,
  },
  {
    id: 'task-role-logs',
    title: 'Task role writes to the log group',
    area: 'permissions',
    severity: 'fail',
    meaning:
      'The exec agent writes session logs with the task role, even though the container itself logs with the execution role. Without these permissions there is no log; with encryption required there is no session.',
    remedy: 'Attach the policy of `ecsh policy logs-cloudwatch` to the task role.',
    docs: DOCS.exec,
    run: checkLogs,
  },
  {
    id: 'task-role-s3',
    title: 'Task role writes to the bucket',
    area: 'permissions',
    severity: 'fail',
    meaning:
      'The exec agent uploads session logs with the task role. The bucket policy can grant it too, so a denial by IAM alone is only a warning. For a bucket of another account, both must allow it, and s3:PutObjectAcl as well.',
    remedy: 'Attach the policy of `ecsh policy logs-s3` to the task role.',
    docs: DOCS.exec,
    run: checkBucket,
  },
];

function checkTrust(context: TaskContext): CheckOutcome {
  const { evidence, task } = context;
  return judge(evidence.taskRole, (role) => {
    const arn = knownValue(taskRoleArn(context, evidence)) ?? '';
    const account = clusterHome(context, evidence)?.account ?? '';
    if (role === undefined) {
      const message = `Role ${arn} does not exist, so ECS cannot hand it to the task.`;
      return { status: 'fail', message, fix: createFix(arn, context), evidence: { role: arn } };
    }
    const trust = trustOfEcs(role.AssumeRolePolicyDocument ?? '', {
      account,
      taskArn: task.taskArn,
    });
    return trustOutcome(trust, role, arn, context);
  });
}

function trustOutcome(
  trust: Trust,
  role: RoleDetails,
  arn: string,
  context: DoctorContext,
): CheckOutcome {
  const name = role.RoleName ?? nameInArn(arn);
  const facts = { role: arn, trust };
  const fails = (why: string): CheckOutcome => ({
    status: 'fail',
    message: `Role ${name} ${why}, so ECS cannot hand it to the task.`,
    fix: trustFix(name, context),
    evidence: facts,
  });
  switch (trust.kind) {
    case 'trusted':
      return pass(`Role ${name} trusts ECS tasks.`, facts);
    case 'others':
      return fails(`trusts ${trust.principals.join(', ') || 'no principal'}`);
    case 'denied':
      return fails('denies ecs-tasks.amazonaws.com');
    case 'mismatch':
      return fails(`trusts ECS under a condition on ${trust.keys.join(', ')} that is not met`);
    case 'depends': {
      const message = `Whether role ${name} trusts ECS depends on ${trust.keys.join(', ')}.`;
      return { status: 'unknown', message, evidence: facts };
    }
    case 'unreadable':
      return { status: 'unknown', message: `The trust policy of role ${name} cannot be read.` };
  }
}

function trustFix(role: string, context: DoctorContext): CheckFix {
  const update = ['iam', 'update-assume-role-policy', '--role-name', role, '--policy-document'];
  return { summary: 'Let ECS tasks assume it', ...pipedFix(context, 'trust', update) };
}

function createFix(arn: string, context: DoctorContext): CheckFix {
  const create = ['iam', 'create-role', '--role-name', nameInArn(arn)];
  return {
    summary: 'Create it, or name another role in the task definition',
    ...pipedFix(context, 'trust', [...create, '--assume-role-policy-document']),
  };
}

function checkChannels(context: DoctorContext): CheckOutcome {
  const { evidence } = context;
  const own = taskRoleArn(context, evidence);
  if (own.kind === 'not-asked') return skip(own.reason);
  const role = knownValue(own) ?? '';
  return judgeRights([evidence.roleOnChannels], {
    allowed: (facts) => pass(`Role ${nameInArn(role)} may open the channels.`, facts),
    denied: (denied) => ({
      status: 'fail',
      message: `${role} lacks ${actionsOf(denied)}${becauseOf(denied)}; the agent cannot open its channel (TargetNotConnected).`,
      fix: grantFix(context, role, 'task-role', denied),
      evidence: { role, ...decisionEvidence(denied) },
    }),
  });
}

function checkDecrypt(context: DoctorContext): CheckOutcome {
  const { evidence } = context;
  const role = knownValue(agentRoleArn(context, evidence)) ?? '';
  const key = knownValue(sessionKeyArn(evidence)) ?? '';
  return judgeKeyUse(evidence, {
    use: { principal: role, action: 'kms:Decrypt' },
    rights: evidence.roleOnKey,
    facts: { role },
    allowed: `Role ${nameInArn(role)} may decrypt with ${key}.`,
    allowedByKey: `The policy of ${key} lets role ${nameInArn(role)} decrypt.`,
    denied: (because) =>
      `${role} cannot decrypt the session key ${key}${because}: the handshake ends with "Fetching data key failed".`,
    fix: (denied) => grantFix(context, role, 'task-kms', denied),
  });
}

function checkLogs(context: DoctorContext): CheckOutcome {
  const { evidence, container } = context;
  const role = knownValue(agentRoleArn(context, evidence)) ?? '';
  const { name = '', mustBeEncrypted = false } =
    knownValue(containerLogging(evidence, container))?.logGroup ?? {};
  return judgeRights([evidence.roleOnLogs], {
    allowed: (facts) => pass(`Role ${nameInArn(role)} may write to log group ${name}.`, facts),
    denied: (denied) => {
      const isRefused = mustBeEncrypted && lacks(denied, 'logs:DescribeLogGroups');
      const effect = isRefused
        ? 'Because encryption is required, sessions are refused with "encryption is not set up", even if the group is encrypted.'
        : 'Sessions leave no log there.';
      return {
        status: isRefused ? 'fail' : 'warn',
        message: `${role} lacks ${actionsOf(denied)} on log group ${name}${becauseOf(denied)}. ${effect}`,
        fix: grantFix(context, role, 'logs-cloudwatch', denied),
        evidence: { role, logGroup: name, ...decisionEvidence(denied) },
      };
    },
  });
}

function checkBucket(context: DoctorContext): CheckOutcome {
  const { evidence, container } = context;
  const role = knownValue(agentRoleArn(context, evidence)) ?? '';
  const bucket = knownValue(containerLogging(evidence, container))?.bucket;
  const name = bucket?.name ?? '';
  const isForeign = knownValue(evidence.isForeignBucket) === true;
  return judgeRights([evidence.roleOnBucket], {
    allowed: (facts) => pass(`Role ${nameInArn(role)} may write to bucket ${name}.`, facts),
    denied: (denied) => {
      // For a bucket of another account, IAM and the bucket policy must both allow it.
      const certain = isForeign ? denied : denied.filter(isFinal);
      const isRefused =
        bucket?.mustBeEncrypted === true && lacks(certain, 's3:GetEncryptionConfiguration');
      const caveat =
        certain.length === denied.length ? '' : ' The bucket policy was not read and may allow it.';
      const effect = isRefused
        ? 'Because encryption is required, sessions are refused.'
        : 'Sessions leave no log there.';
      return {
        status: isRefused ? 'fail' : 'warn',
        message: `${role} lacks ${actionsOf(denied)} on bucket ${name}${isForeign ? ' of another account' : ''}${becauseOf(denied)}. ${effect}${caveat}`,
        fix: grantFix(context, role, 'logs-s3', denied),
        evidence: { role, bucket: name, ...decisionEvidence(denied) },
      };
    },
  });
}

function lacks(denied: readonly Decision[], action: string): boolean {
  return denied.some((decision) => decision.action === action);
}
