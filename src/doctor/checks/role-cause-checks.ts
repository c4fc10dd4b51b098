import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import type { PermissionEvidence } from '#doctor/evidence.ts';
import { judge, knownValue } from '#doctor/finding.ts';
import { canFallBack, taskRoleArn } from '#doctor/roles.ts';
import type { Decision } from '#doctor/rules/simulation.ts';
import { awsCommand } from '#domain/errors/aws-command.ts';
import type { CheckId } from '#domain/readiness/check-id.ts';
import { type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { DOCS } from './docs.ts';
import { grantFix } from './policy-fix.ts';
import { actionsOf, becauseOf, decisionEvidence, judgeRights } from './rights.ts';

/** Why permissions are missing, and which roles are involved. */
export const ROLE_CAUSE_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'execution-role-mixup',
    title: 'Permissions are on the right role',
    area: 'permissions',
    severity: 'warn',
    meaning:
      'The execution role pulls the image and starts the container; the exec agent uses the task role, so permissions on the execution role do not help.',
    remedy: 'Move the policy from the execution role to the task role.',
    docs: DOCS.taskRole,
    run: checkMixup,
  },
  {
    id: 'permissions-boundary',
    title: 'Permissions boundary',
    area: 'permissions',
    severity: 'fail',
    meaning: 'A permissions boundary limits what the policies of a user or role can grant.',
    remedy: 'Ask the owner of the boundary to add the actions.',
    run: checkBoundary,
  },
  {
    id: 'service-control-policy',
    title: 'Service control policies',
    area: 'permissions',
    severity: 'fail',
    meaning:
      'Service control policies of the organization limit you and the task role. They do not limit the service-linked role of ECS.',
    remedy: 'Ask the administrator of the organization to allow the actions.',
    run: checkOrganization,
  },
  {
    id: 'instance-profile-role',
    title: 'Instance role',
    area: 'permissions',
    severity: 'fail',
    meaning:
      'On EC2 a task without a task role falls back to the role of its instance, whose permissions every task on the host shares.',
    remedy: 'Give the task definition a task role of its own.',
    docs: DOCS.taskRole,
    run: checkInstanceRole,
  },
  {
    id: 'service-linked-role',
    title: 'ECS service-linked role',
    area: 'permissions',
    severity: 'warn',
    meaning: 'ECS opens the session with its service-linked role AWSServiceRoleForECS.',
    remedy: 'aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com',
    docs: DOCS.exec,
    run: checkServiceLinkedRole,
  },
];

type Simulated = keyof PermissionEvidence & `${'caller' | 'role'}On${string}`;

/** Checks whose failure a permissions boundary or an SCP can explain, and the simulations that they use. */
const EXPLAINED: readonly (readonly [id: CheckId, ...by: readonly Simulated[]])[] = [
  ['caller-execute-command', 'callerOnCluster', 'callerOnTask'],
  ['caller-kms-generate-data-key', 'callerOnKey'],
  ['task-role-ssmmessages', 'roleOnChannels'],
  ['instance-profile-role', 'roleOnChannels'],
  ['task-role-kms-decrypt', 'roleOnKey'],
  ['task-role-logs', 'roleOnLogs'],
  ['task-role-s3', 'roleOnBucket'],
];

function checkMixup(context: DoctorContext): CheckOutcome {
  const { evidence } = context;
  return judge(evidence.executionRoleOnChannels, (decisions) => {
    const role = knownValue(evidence.taskDefinition)?.executionRoleArn ?? '';
    const isThere = decisions.length > 0 && decisions.every(({ verdict }) => verdict === 'allowed');
    const facts = { executionRole: role, ...decisionEvidence(decisions) };
    if (!isThere) return pass('The permissions are not on the execution role either.', facts);
    const own = knownValue(taskRoleArn(context, evidence)) ?? '';
    return {
      status: 'warn',
      message: `The ssmmessages permissions are on the execution role ${nameInArn(role)}; they belong on the task role.`,
      fix:
        own === ''
          ? { summary: 'Give the task a task role with them.' }
          : grantFix(context, own, 'task-role', []),
      evidence: facts,
    };
  });
}

function checkBoundary(context: DoctorContext): CheckOutcome {
  const role = knownValue(context.evidence.taskRole);
  const boundary = role?.PermissionsBoundary?.PermissionsBoundaryArn;
  return blockedBy(context, ({ byBoundary }) => byBoundary, {
    otherwise: 'No permissions boundary blocks.',
    // We did not look up the caller's boundary.
    words: (actions, who) =>
      who === 'the task role' && boundary !== undefined
        ? `Boundary ${boundary} blocks ${actions} for ${who}.`
        : `A permissions boundary blocks ${actions} for ${who}.`,
    summary: 'Ask the owner of the boundary to add the actions.',
  });
}

function checkOrganization(context: DoctorContext): CheckOutcome {
  return blockedBy(context, ({ byOrganization }) => byOrganization, {
    otherwise: 'No SCP blocks.',
    words: (actions, who) =>
      `An SCP of your organization blocks ${actions} for ${who}. SCPs do not limit the ECS service-linked role, but they limit caller and task role.`,
    summary: 'Ask the administrator of your organization to allow the actions.',
  });
}

interface Blocker {
  readonly otherwise: string;
  readonly words: (actions: string, who: string) => string;
  readonly summary: string;
}

function blockedBy(
  context: DoctorContext,
  isBlocked: (decision: Decision) => boolean,
  { otherwise, words, summary }: Blocker,
): CheckOutcome {
  const found = EXPLAINED.flatMap(([id, ...names]) =>
    names.flatMap((name) => decided(context, name).map((decision) => ({ id, name, decision }))),
  );
  if (found.length === 0) return skip('Nothing could be simulated.');
  const blocked = found.filter(({ decision }) => isBlocked(decision));
  if (blocked.length === 0) return pass(otherwise);
  const isAbout = (start: string) => blocked.some(({ name }) => name.startsWith(start));
  const who = [
    ...(isAbout('caller') ? ['you'] : []),
    ...(isAbout('role') ? ['the task role'] : []),
  ];
  const decisions = blocked.map(({ decision }) => decision);
  // It is as severe as the failure that it explains: a lost log is only a warning.
  const isFatal = blocked.some(({ id }) => context.resultOf(id)?.status === 'fail');
  return {
    status: isFatal ? 'fail' : 'warn',
    message: words(actionsOf(decisions), who.join(' and ')),
    fix: { summary },
    evidence: decisionEvidence(decisions),
  };
}

/** ssm:StartSession should be denied, so it does not count. */
function decided({ evidence }: DoctorContext, name: Simulated): readonly Decision[] {
  const decisions = knownValue(evidence[name]) ?? [];
  return decisions.filter(({ action }) => action !== 'ssm:StartSession');
}

function checkInstanceRole(context: DoctorContext): CheckOutcome {
  const { evidence } = context;
  const own = taskRoleArn(context, evidence);
  if (own.kind === 'known') return skip('The task has a role of its own.');
  if (own.kind === 'unknown') return judge(own, () => skip(''));
  if (!canFallBack(context)) return skip('Not on an EC2 instance.');
  return judge(evidence.instanceRoles, ([role]) => {
    const shared = 'every task on the host shares these permissions';
    if (role === undefined) {
      return {
        status: 'fail',
        message: 'The task has no task role, and its instance has no role either.',
        fix: { summary: 'Give the task definition a task role.' },
      };
    }
    const imds =
      'IMDS must be reachable from the container: hop limit 2 in bridge mode, and not blocked by ECS_AWSVPC_BLOCK_IMDS.';
    return judgeRights([evidence.roleOnChannels], {
      allowed: (facts) =>
        pass(`Falling back to instance role ${nameInArn(role)}; ${shared}. ${imds}`, facts),
      denied: (denied) => ({
        status: 'fail',
        message: `Falling back to instance role ${nameInArn(role)}, which lacks ${actionsOf(denied)}${becauseOf(denied)}; ${shared}. ${imds}`,
        fix: {
          ...grantFix(context, role, 'task-role', denied),
          summary: 'Prefer a task role; or grant the instance role what is missing',
        },
        evidence: { role, ...decisionEvidence(denied) },
      }),
    });
  });
}

function checkServiceLinkedRole({ evidence, flags }: DoctorContext): CheckOutcome {
  const { serviceLinkedRole } = evidence;
  // This check is not worth an extra permission.
  if (serviceLinkedRole.kind === 'unknown' && serviceLinkedRole.permission !== undefined) {
    return skip(serviceLinkedRole.reason);
  }
  return judge(evidence.serviceLinkedRole, (role) => {
    if (role !== undefined)
      return pass('The service-linked role of ECS exists.', { arn: role.Arn });
    const create = ['iam', 'create-service-linked-role', '--aws-service-name', 'ecs.amazonaws.com'];
    return {
      status: 'warn',
      message: 'ECS starts the session with its service-linked role, which is missing.',
      fix: { summary: 'Create it', command: awsCommand(create, flags) },
    };
  });
}
