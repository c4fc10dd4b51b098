import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import { placeText } from '#domain/resolve/cluster-errors.ts';
import { explainAccessDenied } from './access-denied.ts';
import { awsCommand, ecshCommand } from './aws-command.ts';
import { CREDENTIAL_RULES } from './credential-errors.ts';
import { EcshError } from './errors.ts';
import type { Explanation, FailureContext, FailureRule, ServiceFailure } from './failure-rule.ts';
import { KMS_RULES } from './kms-errors.ts';
import { explainNetworkFailure } from './network-errors.ts';
import { isTooManyOpenFiles, tooManyOpenFiles } from './too-many-open-files.ts';

/** Before this age, the agent may still be about to open its control channel. */
const YOUNG_TASK = 60_000;

/**
 * Explains a failed AWS call and what to do: matches the error name first, and then a fragment of the
 * message. Without a rule, the message of AWS remains.
 */
export function explainServiceError(
  failure: ServiceFailure,
  context: FailureContext = {},
): EcshError {
  if (isTooManyOpenFiles(failure)) return tooManyOpenFiles(failure.cause);
  const { code, ...rest } = explanationOf(failure, context);
  const { message, ...options } = rest;
  return new EcshError(code, message, { ...options, cause: failure.cause });
}

function explanationOf(failure: ServiceFailure, context: FailureContext): Explanation {
  const rule = [...CREDENTIAL_RULES, ...KMS_RULES, ...RULES].find((candidate) =>
    matches(candidate, failure),
  );
  if (rule !== undefined) return rule.explain(failure, context);
  const network = explainNetworkFailure(failure, context);
  if (network !== undefined) return network;
  if ((failure.statusCode ?? 0) >= 500) return unavailable(failure);
  return { code: 'aws-error', message: `${operationOf(failure)}: ${wordsOf(failure)}` };
}

function matches(rule: FailureRule, { name, message, operation }: ServiceFailure): boolean {
  if (!rule.names.includes(name)) return false;
  if (rule.operation !== undefined && rule.operation !== operation) return false;
  return rule.fragment === undefined || rule.fragment.test(message);
}

const RULES: readonly FailureRule[] = [
  {
    names: ['InvalidParameterException'],
    fragment: /execute command was not enabled|execute command agent isn.t running/i,
    explain: notReady,
  },
  {
    // `TargetNotConnected` comes from ssm:StartSession; `TargetNotFoundException` is in the ECS
    // model without being declared for ExecuteCommand.
    names: ['TargetNotConnectedException', 'TargetNotConnected', 'TargetNotFoundException'],
    explain: notConnected,
  },
  {
    names: ['ClientException', 'InvalidParameterException', 'LimitExceededException'],
    fragment: /maximum session limit/i,
    explain: sessionLimit,
  },
  {
    names: ['InvalidParameterException'],
    fragment: /interactive is the only mode/i,
    explain: ({ message }) => ({ code: 'interactive-only', message: `ECS says: ${message}` }),
  },
  {
    names: ['ClusterNotFoundException'],
    explain: (_, context) => ({
      code: 'cluster-not-found',
      message: `There is no cluster "${context.cluster ?? 'default'}" ${placeText(context)}.`,
      hint: `List the clusters of this account and region:  ${ecshCommand(['ls', 'clusters'], context.flags)}`,
    }),
  },
  {
    names: ['ServiceNotFoundException'],
    explain: (_, context) => ({
      code: 'service-not-found',
      message: `There is no service "${context.service ?? ''}" in cluster ${context.cluster ?? 'default'}.`,
      hint: `List its services:  ${ecshCommand(['ls', 'services', context.cluster ?? 'default'], context.flags)}`,
    }),
  },
  {
    names: ['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation'],
    explain: explainAccessDenied,
  },
  {
    names: [
      'ThrottlingException',
      'Throttling',
      'ThrottledException',
      'RequestThrottledException',
      'RequestLimitExceeded',
      'TooManyRequestsException',
    ],
    explain: (failure) => ({
      code: 'throttled',
      message: `AWS is limiting the rate of requests (${operationOf(failure)}: ${wordsOf(failure)}).`,
      hint: 'Wait a few seconds and try again, with fewer calls at the same time.',
      retryable: true,
    }),
  },
  {
    names: [
      'ServerException',
      'InternalServerError',
      'InternalServerException',
      'InternalFailure',
      'ServiceUnavailable',
      'ServiceUnavailableException',
    ],
    explain: unavailable,
  },
  {
    names: ['InvalidParameterException'],
    fragment: /CODE_DEPLOY deployment controller/i,
    explain: ({ message }, { service }) => ({
      code: 'controller-code-deploy',
      message: `Service ${service ?? ''} is deployed by AWS CodeDeploy, so ECS does not redeploy it: ${message}`,
      hint: 'Start a CodeDeploy deployment with the same task definition:  aws deploy create-deployment help',
    }),
  },
  {
    names: ['InvalidParameterException'],
    fragment: /valid taskRoleArn is not being used/i,
    explain: () => ({
      code: 'task-role-missing',
      message: 'ECS Exec needs a task role, and the task definition has none.',
      hint: 'Register a revision with a taskRoleArn that allows the ssmmessages channel actions, then enable ECS Exec.',
    }),
  },
  {
    names: ['InvalidParameterException'],
    fragment: /set logging to .?OVERRIDE/i,
    explain: () => ({
      code: 'logging-needs-override',
      message: 'A log destination was given, but the logging mode is not OVERRIDE.',
      hint: 'Set the logging mode to OVERRIDE together with a log group or a bucket.',
    }),
  },
  {
    names: ['ServiceNotActiveException'],
    explain: ({ message }, { service, cluster = 'default', flags }) => ({
      code: 'service-not-active',
      message: `Service ${service ?? ''} is being deleted or gone: ${message}`,
      hint: `List the services there are:  ${ecshCommand(['ls', 'services', cluster], flags)}`,
    }),
  },
  named('BlockedException', 'account-blocked'),
  named('PlatformUnknownException', 'platform-unknown'),
  named('PlatformTaskDefinitionIncompatibilityException', 'platform-incompatible'),
  named('UnsupportedFeatureException', 'unsupported-feature'),
  named('NamespaceNotFoundException', 'namespace-not-found'),
  named('InvalidDocument', 'document-invalid'),
  named('DoesNotExistException', 'session-not-found'),
  named('InvalidParameterException', 'invalid-parameter'),
  named('ClientException', 'request-refused'),
];

/** Errors that AWS explains well: its own message with a code of ecsh. */
function named(name: string, code: ErrorCode): FailureRule {
  return {
    names: [name],
    explain: (failure) => ({ code, message: `${operationOf(failure)}: ${failure.message}` }),
  };
}

/** One text with two causes: the flag was off at launch, or the agent is down (PROTOCOL O-3). */
function notReady(_: ServiceFailure, context: FailureContext): Explanation {
  const query = 'tasks[0].{exec:enableExecuteCommand,agents:containers[].managedAgents[]}';
  const words = ['ecs', 'describe-tasks', ...where(context), '--query', query];
  return {
    code: 'exec-not-ready',
    message: `ECS Exec was off when task ${taskOf(context)} was launched, or its exec agent is not running.`,
    hint: `See which:  ${awsCommand(words, context.flags)}`,
    retryable: isYoung(context),
  };
}

/** ECS calls it an internal error, but the control channel is missing. */
function notConnected(_: ServiceFailure, context: FailureContext): Explanation {
  const message = `The exec agent of task ${taskOf(context)} is not connected to AWS.`;
  if (isYoung(context)) {
    const hint = 'The task has just started; its agent needs a moment. Try again in a few seconds.';
    return { code: 'target-not-connected', message, hint, retryable: true };
  }
  const causes =
    'Usual causes: the task role lacks the ssmmessages channel actions, no network path to ' +
    'ssmmessages (NAT or VPC endpoint), or the container was restarted in place.';
  return {
    code: 'target-not-connected',
    message,
    hint: [causes, agentLogs(context), replacement(context)].join('\n'),
  };
}

function replacement(context: FailureContext): string {
  if (context.service !== undefined) {
    const name = `${context.cluster ?? 'default'}/${context.service}`;
    const command = ecshCommand(['restart', name], context.flags);
    return `Then replace the tasks:  ${command}`;
  }
  return 'Then start a new task: this one may not recover.';
}

/** The last step of the search: where to look if no cause was found. */
function agentLogs(context: FailureContext): string {
  return `The log of the agent may tell more: on an EC2 instance in /var/log/ecs/exec/${taskOf(context)}/CONTAINER/, in the container in /var/log/amazon/ssm/.`;
}

function sessionLimit({ message }: ServiceFailure, context: FailureContext): Explanation {
  const limit = /session limit of (\d+)/i.exec(message)?.[1];
  const { cluster = 'default', flags } = context;
  const place = context.task === undefined ? [] : [`${cluster}/${taskOf(context)}`];
  const list = ecshCommand(['sessions', ...place], flags);
  return {
    code: 'session-limit',
    message: `The container has no room for another session${limit === undefined ? '' : ` (the limit is ${limit})`}.`,
    hint: `Sessions of lost terminals end after 20 idle minutes. End one of yours:  ecsh sessions end ID\nSee who is in there:  ${list}`,
  };
}

function unavailable(failure: ServiceFailure): Explanation {
  const message = `${operationOf(failure)}: the AWS service failed: ${wordsOf(failure)}`;
  // ExecuteCommand starts the process before anyone connects (PROTOCOL O-4), so after a failure on
  // the other side it may be running: repeating it blindly could run a command twice.
  if (failure.operation === 'ExecuteCommand') {
    const hint = 'The command may have been started all the same. Check before you repeat it.';
    return { code: 'service-unavailable', message, hint };
  }
  return { code: 'service-unavailable', message, hint: 'Try again in a moment.', retryable: true };
}

function isYoung({ taskAge }: FailureContext): boolean {
  return taskAge !== undefined && taskAge < YOUNG_TASK;
}

function where({ cluster, task }: FailureContext): readonly string[] {
  return ['--cluster', cluster ?? 'default', ...(task === undefined ? [] : ['--tasks', task])];
}

function taskOf({ task }: FailureContext): string {
  return task === undefined ? '' : task.slice(task.lastIndexOf('/') + 1);
}

function operationOf({ operation }: ServiceFailure): string {
  return operation === undefined ? 'AWS request' : operation;
}

function wordsOf({ name, message }: ServiceFailure): string {
  return message === '' ? name : `${message} (${name})`;
}
