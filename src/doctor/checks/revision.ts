import type { TaskContext } from '#doctor/check-model.ts';
import { awsCommand, quoteWord } from '#domain/errors/aws-command.ts';
import type { CheckFix } from '#domain/readiness/readiness-model.ts';
import { familyOf, nameInArn } from '#domain/resolve/arn.ts';

/** What DescribeTaskDefinition adds and RegisterTaskDefinition refuses (ECS API). */
const ANSWER_ONLY = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
];

/**
 * Registers a revision of the task definition with one thing changed, and deploys it where a service
 * does that. A task definition cannot be changed in place, and its whole has to be given again.
 *
 * @param edit a jq filter
 */
export function reviseFix(summary: string, context: TaskContext, edit: string): CheckFix {
  const { task, cluster, service, flags } = context;
  const revision = nameInArn(task.taskDefinitionArn);
  const words = ['ecs', 'describe-task-definition', '--task-definition', revision];
  const read = awsCommand([...words, '--query', 'taskDefinition', '--output', 'json'], flags);
  const removed = ANSWER_ONLY.map((name) => `.${name}`).join(', ');
  const change = `jq ${quoteWord(`del(${removed}) | ${edit}`)}`;
  const register = awsCommand(['ecs', 'register-task-definition'], flags);
  // Not through a pipe: the AWS CLI reads the file of --cli-input-json twice (aws/aws-cli issue 7850).
  const steps = `${register} --cli-input-json "$(\n  ${read} |\n  ${change})"`;
  if (service === undefined) {
    return { summary: `${summary} Then start the task again.`, command: steps };
  }
  // A family alone means its newest revision.
  const update = ['ecs', 'update-service', '--cluster', cluster, '--service', service];
  const deploy = awsCommand(
    [...update, '--task-definition', familyOf(task.taskDefinitionArn), '--force-new-deployment'],
    flags,
  );
  return { summary, command: `${steps} &&\n  ${deploy}` };
}

/** A jq path to the definition of one container. */
export function containerPath(name: string): string {
  return `(.containerDefinitions[] | select(.name == ${JSON.stringify(name)}))`;
}
