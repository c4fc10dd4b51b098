import { ApiError } from './api-error.ts';
import type { Fleet } from './fleet.ts';
import { covers, decide, type PolicyRequest } from './policy.ts';

/** Services whose errors name a denial in a way of their own. */
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
export function requireAllowedOn(
  { caller, organizationDeny = [] }: Fleet,
  request: PolicyRequest,
): void {
  const { action, resource } = request;
  const { decision } = decide(caller.statements, request);
  const refuse = (why: string) => {
    const text = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
    throw new ApiError('AccessDeniedException', text);
  };
  if (covers(organizationDeny, action)) refuse('with an explicit deny in a service control policy');
  if (decision === 'explicitDeny') refuse('with an explicit deny in an identity-based policy');
  if (decision === 'implicitDeny') {
    refuse(`because no identity-based policy allows the ${action} action`);
  }
  if (caller.boundary !== undefined && !covers(caller.boundary, action)) {
    refuse(`because no permissions boundary allows the ${action} action`);
  }
}
