import { type DoctorCheck, forTask, type TaskContext } from '#doctor/check-model.ts';
import { judge } from '#doctor/finding.ts';
import { canFallBack } from '#doctor/roles.ts';
import { awsCommand, ecshCommand } from '#domain/errors/aws-command.ts';
import { type CheckFix, type CheckOutcome, pass } from '#domain/readiness/readiness-model.ts';
import { isFargate } from '#domain/readiness/task-checks.ts';
import { familyOf, parseArn } from '#domain/resolve/arn.ts';
import { DOCS } from './docs.ts';
import { reviseFix } from './revision.ts';

/** Whether the task has a role. */
export const ROLE_CHECK: DoctorCheck = {
  id: 'task-role',
  title: 'Task role',
  area: 'setup',
  severity: 'fail',
  meaning:
    'The exec agent opens its channel to Session Manager with the task role. The execution role, with which ECS pulls images and secrets, does not count.',
  remedy:
    'Register a revision of the task definition with a taskRoleArn whose policy is that of `ecsh policy task-role`.',
  docs: DOCS.taskRole,
  run: forTask(checkTaskRole),
};

function checkTaskRole(context: TaskContext): CheckOutcome {
  const { task, evidence } = context;
  const { taskRoleArn: override } = task.overrides;
  if (override !== undefined && override !== '') return judgeRole(override, context);
  return judge(evidence.taskDefinition, (taskDefinition) => {
    const taskRoleArn = taskDefinition?.taskRoleArn ?? '';
    if (taskRoleArn !== '') return judgeRole(taskRoleArn, context);
    const facts = { executionRoleArn: taskDefinition?.executionRoleArn };
    const fix = roleFix(context);
    if (isFargate(task) || task.launchType === 'EXTERNAL') {
      const message =
        'The task definition has no task role, so the exec agent has no credentials. The execution role does not count.';
      return { status: 'fail', message, fix, evidence: facts };
    }
    const otherwise = canFallBack(context)
      ? 'the exec agent falls back to the role of the instance'
      : 'whether the exec agent finds another role on a managed instance is not documented';
    const message = `The task definition has no task role; ${otherwise}. The execution role does not count.`;
    return { status: 'warn', message, fix, evidence: facts };
  });
}

/** ECS only assumes task roles of the task's own account, because PassRole works only within an account. */
function judgeRole(role: string, context: TaskContext): CheckOutcome {
  const owner = parseArn(role)?.account;
  const account = parseArn(context.task.taskArn)?.account;
  const evidence = { taskRoleArn: role };
  if (owner === undefined || owner === '' || account === undefined || owner === account) {
    return pass(`The task role is ${role}.`, evidence);
  }
  return {
    status: 'fail',
    message: `Task role ${role} belongs to account ${owner}; ECS gives a task only roles of its own account, ${account}.`,
    fix: {
      ...roleFix(context),
      summary: 'Create a role in the account of the task, and deploy with it',
    },
    evidence,
  };
}

/** Creates a role with only the permissions that the agent needs. */
function roleFix(context: TaskContext): CheckFix {
  const { task, cluster, flags } = context;
  const { partition = 'aws', account = '' } = parseArn(task.taskArn) ?? {};
  const role = `${familyOf(task.taskDefinitionArn)}-task-role`;
  const input = 'file:///dev/stdin';
  const create = [
    'iam',
    'create-role',
    '--role-name',
    role,
    '--assume-role-policy-document',
    input,
  ];
  const grant = ['iam', 'put-role-policy', '--role-name', role, '--policy-name', 'ecs-exec'];
  const edit = `.taskRoleArn = "arn:${partition}:iam::${account}:role/${role}"`;
  const revised = reviseFix(
    'Create a task role and deploy with it. Grant it also what your program needs.',
    context,
    edit,
  );
  const steps = [
    `${ecshCommand(['policy', 'trust', '-C', cluster], flags)} |\n  ${awsCommand(create, flags)}`,
    `${ecshCommand(['policy', 'task-role'], flags)} |\n  ${awsCommand([...grant, '--policy-document', input], flags)}`,
    revised.command ?? '',
  ];
  return { summary: revised.summary, command: steps.join(' &&\n  ') };
}
