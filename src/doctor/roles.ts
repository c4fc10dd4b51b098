import { isFargate } from '#domain/readiness/task-checks.ts';
import { parseArn } from '#domain/resolve/arn.ts';
import type { DoctorSubject } from './check-model.ts';
import { clusterHome } from './cluster-home.ts';
import type { PermissionEvidence, SetupEvidence } from './evidence.ts';
import { type Finding, known, notAsked } from './finding.ts';

/** The ARN of the task's own role: the one in RunTask's overrides, or else the one in the definition. */
export function taskRoleArn(subject: DoctorSubject, setup: SetupEvidence): Finding<string> {
  const { task } = subject;
  if (task === undefined) return notAsked('There is no task.');
  const override = asArn(task.overrides.taskRoleArn, subject, setup);
  if (override !== undefined) return known(override);
  const { taskDefinition } = setup;
  if (taskDefinition.kind !== 'known') return taskDefinition;
  if (taskDefinition.value === undefined) {
    return { kind: 'unknown', reason: 'ECS does not know the task definition any more.' };
  }
  const own = asArn(taskDefinition.value.taskRoleArn, subject, setup);
  return own === undefined ? notAsked('The task has no task role.') : known(own);
}

/** The role that the exec agent uses: on EC2 without a task role, the instance's. */
export function agentRoleArn(
  subject: DoctorSubject,
  evidence: SetupEvidence & Pick<PermissionEvidence, 'instanceRoles'>,
): Finding<string> {
  const own = taskRoleArn(subject, evidence);
  if (own.kind !== 'not-asked' || !canFallBack(subject)) return own;
  const { instanceRoles } = evidence;
  if (instanceRoles.kind !== 'known') return instanceRoles;
  const [first] = instanceRoles.value;
  return first === undefined ? notAsked('The instance has no role either.') : known(first);
}

/**
 * Only a task on the user's own EC2 instance can use a role other than its own.
 * UNVERIFIED: on managed instances; start a task without a role there, and look at its credentials.
 */
export function canFallBack({ task }: DoctorSubject): boolean {
  const elsewhere = ['EXTERNAL', 'MANAGED_INSTANCES'];
  return task !== undefined && !isFargate(task) && !elsewhere.includes(task.launchType ?? '');
}

/** A task definition can name a role instead of giving its ARN. */
function asArn(
  role: string | undefined,
  subject: DoctorSubject,
  setup: SetupEvidence,
): string | undefined {
  if (role === undefined || role === '') return undefined;
  if (parseArn(role) !== undefined) return role;
  const { partition, account } = clusterHome(subject, setup) ?? { partition: 'aws', account: '' };
  return `arn:${partition}:iam::${account}:role/${role}`;
}
