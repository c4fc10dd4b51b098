import { ecshCommand } from './aws-command.ts';
import type { Explanation, FailureContext, ServiceFailure } from './failure-rule.ts';

const DENIED = /(?:User: (\S+) is )?not authorized to perform: (\S+)(?: on resource: (\S+))?/i;
const EXPLICIT_DENY = /with an explicit deny in ((?:an? )?[a-z -]+?(?:policy|boundary))/i;
const MISSING_ALLOW = /because no ([a-z -]+(?: policy|boundary)) allows/i;

/**
 * Reads the action, the resource and the kind of policy that denied it from the sentence of IAM. The rest of
 * the text varies and is ignored. Without such a sentence, the action is the one that the call needs.
 */
export function explainAccessDenied(
  { message, operation }: ServiceFailure,
  context: FailureContext = {},
): Explanation {
  const [, user = 'Your identity', named, resource] = DENIED.exec(message) ?? [];
  const action = named ?? context.action;
  if (action === undefined) {
    const subject = operation === undefined ? 'The request' : operation;
    return { code: 'access-denied', message: `${subject} was denied: ${message}` };
  }
  const subject = `${user} may not ${action}${resource === undefined ? '' : ` on ${resource}`}`;
  const denial = { code: 'access-denied', deniedAction: action } as const;
  const source = EXPLICIT_DENY.exec(message)?.[1];
  if (source !== undefined) {
    const hint = explicitHint(action);
    return { ...denial, message: `${subject}: explicit deny in ${source}.`, hint };
  }
  const lacking = MISSING_ALLOW.exec(message)?.[1];
  const why = lacking === undefined ? '' : `: no ${lacking} allows it`;
  return { ...denial, message: `${subject}${why}.`, hint: implicitHint(action, resource, context) };
}

function explicitHint(action: string): string {
  // Denying direct sessions is recommended practice, because they bypass the log settings.
  if (action === 'ssm:StartSession') {
    return 'Direct sessions are often denied on purpose, so that every session is logged. Ask the owner of that policy.';
  }
  return 'Ask the owner of that policy. A condition that does not match (cluster, container name, tags) denies too.';
}

/** Templates of `ecsh policy` that grant an action. */
const POLICIES: Readonly<Record<string, string>> = {
  'ecs:ExecuteCommand': 'caller',
  'ssm:StartSession': 'caller-port-forward',
  'kms:GenerateDataKey': 'caller-kms',
  'ecs:UpdateService': 'enable',
  'ecs:RunTask': 'enable',
  'ecs:UpdateCluster': 'logging',
};

function implicitHint(
  action: string,
  resource: string | undefined,
  { cluster, flags }: FailureContext,
): string {
  const policy = POLICIES[action];
  if (policy === undefined) return whatToAllow(action);
  const isOfKey = action.startsWith('kms:') && resource !== undefined;
  const isOfCluster = policy.startsWith('caller') && cluster !== undefined;
  const place = isOfKey ? ['--kms-key', resource] : isOfCluster ? ['-C', cluster] : [];
  const command = ecshCommand(['policy', policy, ...place], flags);
  return `${whatToAllow(action)}\nThe policy for it:  ${command}`;
}

function whatToAllow(action: string): string {
  // Allowing only one of the two is the usual mistake.
  if (action === 'ecs:ExecuteCommand') {
    return 'Allow ecs:ExecuteCommand on both the cluster ARN and the task ARNs; conditions on tags or container names must match.';
  }
  if (action === 'ssm:StartSession') {
    return 'Allow ssm:StartSession on both the task ARNs and the document, AWS-StartPortForwardingSession or AWS-StartPortForwardingSessionToRemoteHost.';
  }
  if (action.startsWith('kms:')) {
    return `Allow ${action} for the identity you are using, in its own policy and in the key policy.`;
  }
  return `Allow ${action} for the identity you are using, or choose another with --profile.`;
}
