import { parseArn } from '#domain/resolve/arn.ts';

/** The principal to simulate: its ARN, or a role whose full ARN only GetRole returns. */
export type Principal =
  | { readonly kind: 'arn'; readonly arn: string }
  | { readonly kind: 'role'; readonly name: string }
  | { readonly kind: 'none'; readonly why: string };

/**
 * Converts the ARN from GetCallerIdentity into a principal that SimulatePrincipalPolicy accepts.
 * The ARN of an assumed role omits the path of the role, so the role has to be looked up.
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
