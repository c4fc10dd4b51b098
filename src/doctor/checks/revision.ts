import type { TaskContext } from '#doctor/check-model.ts';
import { awsCommand, quoteWord } from '#domain/errors/aws-command.ts';
import type { CheckFix } from '#domain/readiness/readiness-model.ts';
import { redeployFix } from '#domain/readiness/redeploy.ts';
import { familyOf, nameInArn } from '#domain/resolve/arn.ts';

/** Fields that DescribeTaskDefinition adds and RegisterTaskDefinition rejects (ECS API). */
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
 * Registers a revision of the task definition with one change, and deploys it if ECS deploys the service.
 * A task definition cannot be changed in place, and a revision must contain all of it.
 *
 * @param edit a jq filter
 */
export function reviseFix(summary: string, context: TaskContext, edit: string): CheckFix {
  const { task, service, flags } = context;
  const revision = nameInArn(task.taskDefinitionArn);
  const words = ['ecs', 'describe-task-definition', '--task-definition', revision];
  const read = awsCommand([...words, '--include', 'TAGS', '--output', 'json'], flags);
  const removed = ANSWER_ONLY.map((name) => `.${name}`).join(', ');
  // The response has the tags next to the definition, the request has them inside it.
  const tagged = '.tags as $tags | .taskDefinition';
  const kept = 'if ($tags | length) > 0 then .tags = $tags else . end';
  const change = `jq ${quoteWord(`${tagged} | del(${removed}) | ${edit} | ${kept}`)}`;
  const register = awsCommand(['ecs', 'register-task-definition'], flags);
  // Do not use a pipe: the AWS CLI reads the file of --cli-input-json twice (aws/aws-cli issue 7850).
  const steps = `${register} --cli-input-json "$(\n  ${read} |\n  ${change})"`;
  if (service === undefined) {
    return { summary: `${summary} Then start the task again.`, command: steps };
  }
  return deployment(context, service, summary, steps);
}

function deployment(
  { task, cluster, flags, deployer }: TaskContext,
  service: string,
  summary: string,
  steps: string,
): CheckFix {
  if (deployer?.type === 'CODE_DEPLOY') {
    const by = 'Then deploy the new revision with CodeDeploy, by an AppSpec that names it.';
    return { summary: `${summary} ${by}`, command: steps };
  }
  if (deployer?.type === 'EXTERNAL') {
    const by = 'Then have the controller of the service create a task set of the new revision.';
    return { summary: `${summary} ${by}`, command: steps };
  }
  // A family without a revision means its newest revision.
  const options = ['--task-definition', familyOf(task.taskDefinitionArn)];
  const { command = '' } = redeployFix({ service, cluster, flags }, options);
  return { summary, command: `${steps} &&\n  ${command}` };
}

/** A jq path to one container in the definition. */
export function containerPath(name: string): string {
  return `(.containerDefinitions[] | select(.name == ${JSON.stringify(name)}))`;
}
