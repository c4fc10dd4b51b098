import type { Evidence } from '#doctor/evidence.ts';
import { knownValue } from '#doctor/finding.ts';
import { judgePolicy, parsePolicy } from '#doctor/rules/policy-document.ts';
import { namesAccount, namesPrincipal, principalContext } from '#doctor/rules/principals.ts';
import { type Decision, isFinal } from '#doctor/rules/simulation.ts';
import { keyHome, sessionKeyArn } from '#doctor/session-key.ts';
import { type CheckFix, type CheckOutcome, pass } from '#domain/readiness/readiness-model.ts';
import { parseArn } from '#domain/resolve/arn.ts';
import { becauseOf, decisionEvidence, judgeRights, type Rights } from './rights.ts';

type KeyEvidence = Pick<Evidence, 'keyPolicy' | 'key' | 'cluster'>;

/** A KMS action on the session key, and the principal that needs it. */
interface KeyUse {
  readonly principal: string;
  readonly action: string;
}

/** One check of the session key: what it evaluates, and the messages for each result. */
interface KeyCheck {
  readonly use: KeyUse;
  /** Whether IAM policies allow the action, as simulated. */
  readonly rights: Rights;
  /** The principal, as the report names it. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly allowed: string;
  /** IAM policies do not allow the action, but the key policy does. */
  readonly allowedByKey: string;
  /** `because` is empty or `: REASON`. */
  readonly denied: (because: string) => string;
  readonly fix: (denied: readonly Decision[]) => CheckFix;
}

/**
 * Judges whether a principal may use the session key. The key policy can grant what IAM policies do not, so
 * a denial is certain only if the key policy does not grant it or cannot, as for a key of another account.
 */
export function judgeKeyUse(
  evidence: KeyEvidence,
  { use, rights, facts, allowed, allowedByKey, denied, fix }: KeyCheck,
): CheckOutcome {
  return judgeRights([rights], {
    allowed: (decided) => keyPolicyOutcome(evidence, use) ?? pass(allowed, decided),
    denied: (decisions) => {
      const isForeign = isForeignKey(evidence, use.principal);
      const { verdict } = judgeKeyPolicy(evidence, use, isForeign);
      const key = knownValue(sessionKeyArn(evidence)) ?? '';
      const found = { ...facts, key, keyPolicy: verdict, ...decisionEvidence(decisions) };
      const isFinalDenial = isForeign || decisions.some(isFinal);
      if (verdict === 'grants' && !isFinalDenial) return pass(allowedByKey, found);
      const isCertain = isFinalDenial || verdict === 'refuses';
      const caveat = isCertain ? '' : ' The key policy could not be evaluated and may allow it.';
      return {
        status: isCertain ? 'fail' : 'warn',
        message: `${denied(becauseOf(decisions))}${caveat}`,
        fix: fix(decisions),
        evidence: found,
      };
    },
  });
}

/** `open`: the policy is unreadable, or depends on condition keys that only a real request has. */
type KeyPolicyVerdict = 'grants' | 'refuses' | 'open';

/**
 * Whether the key policy names the principal itself. In the key's own account, a grant to the account
 * delegates to IAM policies. For a principal of another account, it is a grant: with `byAccount`, a
 * statement for the principal's account counts for the principal.
 */
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

/** The key belongs to another account, so its key policy and IAM policies must both allow an action. */
function isForeignKey(evidence: KeyEvidence, principal: string): boolean {
  const owner = keyHome(evidence).account;
  const account = parseArn(principal)?.account;
  return owner !== undefined && account !== undefined && owner !== account;
}

/**
 * The outcome of the key policy after IAM has allowed the action. KMS uses IAM policies only if the key
 * policy delegates to the account, and a Deny is final. Undefined if nothing is known to prevent the action.
 */
function keyPolicyOutcome(
  evidence: KeyEvidence,
  { principal, action }: KeyUse,
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
