import { parseArn } from '#domain/resolve/arn.ts';

/** Whom a simulation is about: an ARN as it is, or a role whose path only GetRole knows. */
export type Principal =
  | { readonly kind: 'arn'; readonly arn: string }
  | { readonly kind: 'role'; readonly name: string }
  | { readonly kind: 'none'; readonly why: string };

/**
 * The principal that SimulatePrincipalPolicy accepts, for the ARN of GetCallerIdentity.
 * The ARN of an assumed role has lost the path of its role, so the role has to be looked up.
 */
export function principalOf(callerArn: string): Principal {
  const arn = parseArn(callerArn);
  const [type, name] = arn?.resource.split('/') ?? [];
  if (type === 'user' || type === 'role') return { kind: 'arn', arn: callerArn };
  if (type === 'assumed-role' && name !== undefined) return { kind: 'role', name };
  if (type === 'root') return { kind: 'none', why: 'the root user has no policies' };
  if (type === 'federated-user') {
    return { kind: 'none', why: 'a federated user has no policies of its own' };
  }
  return { kind: 'none', why: `${callerArn} is neither a user nor a role` };
}
