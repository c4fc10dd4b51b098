import type { Evidence } from '#doctor/evidence.ts';
import { type Finding, judge, knownValue } from '#doctor/finding.ts';
import { judgePolicy, parsePolicy } from '#doctor/rules/policy-document.ts';
import { namesAccount, namesPrincipal, principalContext } from '#doctor/rules/principals.ts';
import { type Decision, isFinal, reasonOf } from '#doctor/rules/simulation.ts';
import { keyHome, sessionKeyArn } from '#doctor/session-key.ts';
import type { CheckOutcome } from '#domain/readiness/readiness-model.ts';
import { parseArn } from '#domain/resolve/arn.ts';

export type Rights = Finding<readonly Decision[]>;

/**
 * Judges simulated rights: what is denied comes first, then what could not be simulated or depends
 * on keys that only a real request has, which is never taken for a denial.
 */
export function judgeRights(
  rights: readonly Rights[],
  judges: {
    readonly denied: (denied: readonly Decision[]) => CheckOutcome;
    readonly allowed: (evidence: Readonly<Record<string, unknown>>) => CheckOutcome;
  },
): CheckOutcome {
  const decisions = rights.flatMap((finding) => knownValue(finding) ?? []);
  const denied = decisions.filter(({ verdict }) => verdict === 'denied');
  if (denied.length > 0) return judges.denied(denied);
  const unread = rights.find(({ kind }) => kind === 'unknown');
  if (unread !== undefined) return judge(unread, () => nothingSaid());
  const open = decisions.filter(({ verdict }) => verdict === 'depends');
  if (open.length > 0) return dependent(open);
  const [first] = rights;
  if (decisions.length === 0)
    return first === undefined ? nothingSaid() : judge(first, nothingSaid);
  return judges.allowed(decisionEvidence(decisions));
}

/** `{ 'ssmmessages:OpenDataChannel on *': 'allowed' }`. */
export function decisionEvidence(
  decisions: readonly Decision[],
): Readonly<Record<string, unknown>> {
  const pairs = decisions.map((decision) => [
    `${decision.action} on ${decision.resource}`,
    reasonOf(decision),
  ]);
  return { decisions: Object.fromEntries(pairs) };
}

/** `ssmmessages:OpenControlChannel, ssmmessages:OpenDataChannel`. */
export function actionsOf(decisions: readonly Decision[]): string {
  return [...new Set(decisions.map(({ action }) => action))].join(', ');
}

/** ` (policy deny-prod)`; empty where simply nothing allows it. */
export function becauseOf(decisions: readonly Decision[]): string {
  const final = decisions.find(isFinal);
  return final === undefined ? '' : `: ${reasonOf(final)}`;
}

type KeyEvidence = Pick<Evidence, 'keyPolicy' | 'key' | 'cluster'>;

/** `open`: it cannot be read, or depends on what only a real request has. */
export type KeyPolicyVerdict = 'grants' | 'refuses' | 'open';

/**
 * Whether the policy of a key names the principal itself. In the account of the key, a grant to the
 * account leaves the decision to IAM; to a principal of another account it is a grant.
 */
export function keyPolicyVerdict(
  evidence: KeyEvidence,
  principal: string,
  action: string,
): KeyPolicyVerdict {
  return judgeKeyPolicy(evidence, { principal, action }, isForeignKey(evidence, principal)).verdict;
}

interface KeyUse {
  readonly principal: string;
  readonly action: string;
}

/** With `byAccount` a statement for the account of the principal counts for the principal. */
function judgeKeyPolicy(
  { keyPolicy }: Pick<Evidence, 'keyPolicy'>,
  { principal, action }: KeyUse,
  byAccount: boolean,
): { readonly verdict: KeyPolicyVerdict; readonly keys: readonly string[] } {
  const text = knownValue(keyPolicy);
  const document = text === undefined ? undefined : parsePolicy(text);
  if (document === undefined) return { verdict: 'open', keys: [] };
  const context = principalContext(principal);
  const { verdict, keys } = judgePolicy(document, {
    action,
    isPrincipal: (type, value) =>
      type === 'AWS' &&
      (namesPrincipal(value, principal) || (byAccount && namesAccount(value, principal))),
    context: { ...context, 'kms:calleraccount': parseArn(principal)?.account ?? '' },
  });
  if (verdict === 'allowed') return { verdict: 'grants', keys: [] };
  return { verdict: verdict === 'depends' ? 'open' : 'refuses', keys };
}

/** Then its policy and IAM both have to allow: neither is enough. */
export function isForeignKey(evidence: KeyEvidence, principal: string): boolean {
  const owner = keyHome(evidence).account;
  const account = parseArn(principal)?.account;
  return owner !== undefined && account !== undefined && owner !== account;
}

/**
 * The outcome of the key policy, once IAM allows the action: KMS uses IAM policies only if the key policy
 * lets the account use them, and a Deny in it is final. Undefined if nothing in it is known to prevent the action.
 */
export function keyPolicyOutcome(
  evidence: KeyEvidence,
  principal: string,
  action: string,
): CheckOutcome | undefined {
  const arn = knownValue(sessionKeyArn(evidence)) ?? '';
  const isForeign = isForeignKey(evidence, principal);
  const owner = keyHome(evidence).account ?? '';
  const { verdict, keys } = judgeKeyPolicy(evidence, { principal, action }, true);
  if (verdict === 'grants') return undefined;
  const facts = { principal, key: arn, keyPolicy: verdict };
  const ofOwner = isForeign ? `, a key of account ${owner},` : '';
  if (verdict === 'refuses') {
    return {
      status: 'fail',
      message: `The policy of ${arn}${ofOwner} does not allow ${action} to ${principal}${isForeign ? '' : ', and IAM alone is not enough'}.`,
      fix: {
        summary: `Have ${isForeign ? `account ${owner}` : 'the owner of the key'} allow ${action} to ${principal} in the key policy.`,
      },
      evidence: facts,
    };
  }
  if (keys.length > 0) {
    const message = `Whether the policy of ${arn}${ofOwner} allows ${action} to ${principal} depends on ${keys.join(', ')}.`;
    return { status: 'unknown', message, evidence: { ...facts, keys } };
  }
  if (!isForeign) return undefined;
  const message = `IAM allows ${action} to ${principal}. The policy of ${arn}${ofOwner} has to allow it too, and is not visible here.`;
  return { status: 'unknown', message, evidence: facts };
}

function dependent(open: readonly Decision[]): CheckOutcome {
  const keys = [...new Set(open.flatMap(({ missingKeys }) => missingKeys))].join(', ');
  const message = `${actionsOf(open)} depends on ${keys}, which only a real request has.`;
  return { status: 'unknown', message, evidence: decisionEvidence(open) };
}

function nothingSaid(): CheckOutcome {
  return { status: 'unknown', message: 'The IAM simulator did not say.' };
}
