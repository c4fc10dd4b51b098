import { EcshError } from '#domain/errors/errors.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { type CheckOutcome, skip } from '#domain/readiness/readiness-model.ts';

/** The answer to one question. A fact that we cannot read is `unknown`, never a failure. */
export type Finding<T> =
  | { readonly kind: 'known'; readonly value: T }
  | {
      readonly kind: 'unknown';
      readonly reason: string;
      /** The IAM action that the caller lacks, where that is the reason. */
      readonly permission?: string | undefined;
      /** The stable code of the error. */
      readonly code?: ErrorCode | undefined;
    }
  /** Nothing to ask about, or not wanted; the reason is for the report. */
  | { readonly kind: 'not-asked'; readonly reason: string };

export function known<T>(value: T): Finding<T> {
  return { kind: 'known', value };
}

export function notAsked(reason: string): Finding<never> {
  return { kind: 'not-asked', reason };
}

/** The value if known; for facts that a check can do without. */
export function knownValue<T>(finding: Finding<T>): T | undefined {
  return finding.kind === 'known' ? finding.value : undefined;
}

/** Asks the next question with the answer, or returns the reason why there is none. */
export async function chain<T, U>(
  finding: Finding<T>,
  next: (value: T) => Finding<U> | Promise<Finding<U>>,
): Promise<Finding<U>> {
  return finding.kind === 'known' ? next(finding.value) : finding;
}

/** Judges what is known; what could not be read is `unknown`, what was not asked for is `skip`. */
export function judge<T>(finding: Finding<T>, run: (value: T) => CheckOutcome): CheckOutcome {
  switch (finding.kind) {
    case 'known':
      return run(finding.value);
    case 'not-asked':
      return skip(finding.reason);
    case 'unknown':
      return {
        status: 'unknown',
        message: finding.reason,
        evidence: finding.permission === undefined ? {} : { missingPermission: finding.permission },
      };
  }
}

/** Asks AWS one thing. `action` is the IAM action that the call needs. */
export type Ask = <T>(action: string, call: () => Promise<T>) => Promise<Finding<T>>;

/** How long one call may take, in milliseconds. */
const CALL_LIMIT_MS = 5_000;

/** After one late answer the connection to AWS is to blame, so later calls get less time. */
const NEXT_LIMIT_MS = 1_000;

/** An `Ask` that never fails for lack of permission or time: a denied or slow call is `unknown`. */
export function createAsk(clock: Clock): Ask {
  let patienceMs = CALL_LIMIT_MS;
  return async <T>(action: string, call: () => Promise<T>) => {
    const limitMs = patienceMs;
    let forget = () => {};
    const late = new Promise<Finding<T>>((resolve) => {
      const reason = `No answer to ${action} within ${limitMs / 1_000} s.`;
      forget = clock.after(limitMs, () => {
        patienceMs = NEXT_LIMIT_MS;
        resolve({ kind: 'unknown', reason });
      });
    });
    try {
      return await Promise.race([call().then(known), late]);
    } catch (error) {
      // Anything else is a bug and must surface.
      if (!(error instanceof EcshError)) throw error;
      return failed(action, error);
    } finally {
      forget();
    }
  };
}

function failed(action: string, error: EcshError): Finding<never> {
  const { code } = error;
  if (code !== 'access-denied') return { kind: 'unknown', reason: error.message, code };
  const permission = error.deniedAction ?? action;
  return { kind: 'unknown', reason: `Not checked: you may not ${permission}.`, permission };
}
