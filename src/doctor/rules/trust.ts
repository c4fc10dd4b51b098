import { allowedPrincipals, judgePolicy, parsePolicy } from './policy-document.ts';

export interface TrustRequest {
  readonly account: string;
  readonly taskArn: string;
}

export type Trust =
  | { readonly kind: 'trusted' }
  | { readonly kind: 'denied' }
  | { readonly kind: 'unreadable' }
  /** The role trusts these principals, but not ECS. */
  | { readonly kind: 'others'; readonly principals: readonly string[] }
  /** ECS is trusted under conditions on these keys, which do not hold or which we cannot know. */
  | { readonly kind: 'mismatch' | 'depends'; readonly keys: readonly string[] };

/** It is the same in all partitions. */
const ECS_TASKS = 'ecs-tasks.amazonaws.com';

/** Whether the trust policy lets ECS assume the role for the task. */
export function trustOfEcs(document: string, { account, taskArn }: TrustRequest): Trust {
  const policy = parsePolicy(document);
  if (policy === undefined) return { kind: 'unreadable' };
  const { verdict, keys } = judgePolicy(policy, {
    action: 'sts:AssumeRole',
    isPrincipal: (type, value) => type === 'Service' && value === ECS_TASKS,
    // UNVERIFIED: which ARN ECS sends as aws:SourceArn. The documented pattern ends in `ACCOUNT:*`,
    // which the task's ARN matches. To check, trust only `…:task/CLUSTER/*` and start a task.
    context: { 'aws:sourceaccount': account, 'aws:sourcearn': taskArn },
  });
  if (verdict === 'allowed') return { kind: 'trusted' };
  if (verdict === 'denied') return { kind: 'denied' };
  if (verdict === 'depends') return { kind: 'depends', keys };
  if (keys.length > 0) return { kind: 'mismatch', keys };
  return { kind: 'others', principals: allowedPrincipals(policy) };
}
