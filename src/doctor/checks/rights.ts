import { type Finding, judge, knownValue } from '#doctor/finding.ts';
import { type Decision, isFinal, reasonOf } from '#doctor/rules/simulation.ts';
import type { CheckOutcome } from '#domain/readiness/readiness-model.ts';

export type Rights = Finding<readonly Decision[]>;

/**
 * Evaluates simulated permissions. A denial comes first, then anything that could not be simulated or that
 * depends on keys that only a real request has; that is `unknown`, never a denial.
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

/** For example `{ 'ssmmessages:OpenDataChannel on *': 'allowed' }`. */
export function decisionEvidence(
  decisions: readonly Decision[],
): Readonly<Record<string, unknown>> {
  const pairs = decisions.map((decision) => [
    `${decision.action} on ${decision.resource}`,
    reasonOf(decision),
  ]);
  return { decisions: Object.fromEntries(pairs) };
}

/** For example `ssmmessages:OpenControlChannel, ssmmessages:OpenDataChannel`. */
export function actionsOf(decisions: readonly Decision[]): string {
  return [...new Set(decisions.map(({ action }) => action))].join(', ');
}

/** For example ` (policy deny-prod)`; empty if no policy allows it. */
export function becauseOf(decisions: readonly Decision[]): string {
  const final = decisions.find(isFinal);
  return final === undefined ? '' : `: ${reasonOf(final)}`;
}

function dependent(open: readonly Decision[]): CheckOutcome {
  const keys = [...new Set(open.flatMap(({ missingKeys }) => missingKeys))].join(', ');
  const message = `${actionsOf(open)} depends on ${keys}, which only a real request has.`;
  return { status: 'unknown', message, evidence: decisionEvidence(open) };
}

function nothingSaid(): CheckOutcome {
  return { status: 'unknown', message: 'The IAM simulator did not say.' };
}
