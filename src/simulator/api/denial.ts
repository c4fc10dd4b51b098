import type { Fleet } from '#simulator/fleet/fleet.ts';
import { ApiError } from './api-error.ts';
import { covers, decide, type PolicyRequest, type Statement } from './policy.ts';

/** Services with their own error code for a denied call. */
const CODES: ReadonlyMap<string, { readonly type: string; readonly status: number }> = new Map([
  ['iam', { type: 'AccessDenied', status: 403 }],
  ['sts', { type: 'AccessDenied', status: 403 }],
  ['s3', { type: 'AccessDenied', status: 403 }],
  ['ec2', { type: 'UnauthorizedOperation', status: 403 }],
]);

/** @throws ApiError with the error of the action's service, if one of the patterns covers the action */
export function requireAllowed(deny: readonly string[], action: string, caller: string): void {
  if (!covers(deny, action)) return;
  const service = action.slice(0, action.indexOf(':'));
  const { type, status } = CODES.get(service) ?? { type: 'AccessDeniedException', status: 400 };
  const lead = service === 'ec2' ? 'You are not authorized to perform this operation. ' : '';
  throw new ApiError(
    type,
    `${lead}User: ${caller} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    status,
  );
}

/**
 * Evaluates all policies of the caller for a call, in the order in which IAM reports them.
 *
 * @throws ApiError `AccessDeniedException`
 */
export function requireAllowedOn(fleet: Fleet, request: PolicyRequest): void {
  const why = denialOf(fleet, request);
  if (why === undefined) return;
  const { action, resource } = request;
  const text = `User: ${fleet.caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  throw new ApiError('AccessDeniedException', text);
}

/** Whether a call is allowed that has no error message: the upgrade of a websocket (W-2). */
export function isAllowedOn(fleet: Fleet, request: PolicyRequest): boolean {
  return !covers(fleet.deny, request.action) && denialOf(fleet, request) === undefined;
}

export function sessionArn({ region, account }: Fleet, id: string): string {
  return `arn:aws:ssm:${region}:${account}:session/${id}`;
}

/** The policy that denies the request, as AWS words it; undefined if none does. */
function denialOf(
  { caller, organizationDeny = [] }: Fleet,
  request: PolicyRequest,
): string | undefined {
  const { action } = request;
  const statements = caller.statements.map((statement) => filledIn(statement, caller.arn));
  const { decision } = decide(statements, request);
  if (covers(organizationDeny, action)) return 'with an explicit deny in a service control policy';
  if (decision === 'explicitDeny') return 'with an explicit deny in an identity-based policy';
  if (decision === 'implicitDeny') {
    return `because no identity-based policy allows the ${action} action`;
  }
  if (caller.boundary !== undefined && !covers(caller.boundary, action)) {
    return `because no permissions boundary allows the ${action} action`;
  }
  return undefined;
}

/**
 * Replaces the variables for the caller. UNVERIFIED: the value of `aws:userid` in the name of a session. Here it
 * is the start of the session id, as in AWS's sample policies (W-2).
 */
function filledIn(statement: Statement, callerArn: string): Statement {
  const variables = callerArn.includes(':user/')
    ? /\$\{aws:(?:userid|username)\}/g
    : /\$\{aws:userid\}/g;
  const name = callerName(callerArn);
  const resources = statement.resources.map((resource) => resource.replaceAll(variables, name));
  return { ...statement, resources };
}

/** Name of the user or role session; session ids start with it (W-2). */
export function callerName(callerArn: string): string {
  return callerArn.slice(callerArn.lastIndexOf('/') + 1);
}
