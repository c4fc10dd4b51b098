import type { Fleet } from '#simulator/fleet/fleet.ts';
import { ApiError } from './api-error.ts';
import { covers, decide, type PolicyRequest, type Statement } from './policy.ts';

/** Services with their own error code for a denial. */
const CODES: ReadonlyMap<string, { readonly type: string; readonly status: number }> = new Map([
  ['iam', { type: 'AccessDenied', status: 403 }],
  ['sts', { type: 'AccessDenied', status: 403 }],
  ['s3', { type: 'AccessDenied', status: 403 }],
  ['ec2', { type: 'UnauthorizedOperation', status: 403 }],
]);

/** @throws ApiError as the service of the action denies it, when one of the patterns covers it */
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
 * Judges a call by all policies of the caller, in the order in which IAM names them.
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

/** Whether a call is allowed that cannot be answered with a reason: the upgrade of a websocket (W-2). */
export function isAllowedOn(fleet: Fleet, request: PolicyRequest): boolean {
  return !covers(fleet.deny, request.action) && denialOf(fleet, request) === undefined;
}

export function sessionArn({ region, account }: Fleet, id: string): string {
  return `arn:aws:ssm:${region}:${account}:session/${id}`;
}

/** The policy that denies the request, in AWS's words; undefined if none does. */
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
 * With the variables for the caller. UNVERIFIED: what `aws:userid` stands for in the name of a
 * session; here it is the start of its id, as AWS's sample policies have it (W-2).
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
