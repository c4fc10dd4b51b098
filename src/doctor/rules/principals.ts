import { parseArn } from '#domain/resolve/arn.ts';

/** Whether a `Principal` of a policy is a role or user itself, or a session of the role. */
export function namesPrincipal(principal: string, arn: string): boolean {
  if (principal === arn) return true;
  // ECS chooses session names, so a named session may be the task's.
  const [account, name] = [accountOf(arn), arn.split('/').at(-1)];
  return principal.includes(`:${account}:assumed-role/${name}/`);
}

/** Whether a `Principal` of a policy is the account of a role or user, by its id or as `root`. */
export function namesAccount(principal: string, arn: string): boolean {
  const account = accountOf(arn);
  return principal === account || principal.endsWith(`:iam::${account}:root`);
}

/** Condition keys that follow from the principal alone. */
export function principalContext(arn: string): Readonly<Record<string, string>> {
  return { 'aws:principalarn': arn, 'aws:principalaccount': accountOf(arn) };
}

function accountOf(arn: string): string {
  return parseArn(arn)?.account ?? '';
}
