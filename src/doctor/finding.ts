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
      /** The IAM action for which the caller lacks permission, if that is the reason. */
      readonly permission?: string | undefined;
      /** The stable code of the error. */
      readonly code?: ErrorCode | undefined;
    }
  /** There was nothing to look up, or the user did not ask for it. The report shows the reason. */
  | { readonly kind: 'not-asked'; readonly reason: string };

export function known<T>(value: T): Finding<T> {
  return { kind: 'known', value };
}

export function notAsked(reason: string): Finding<never> {
  return { kind: 'not-asked', reason };
}

/** Returns the value if it is known. For facts that a check can do without. */
export function knownValue<T>(finding: Finding<T>): T | undefined {
  return finding.kind === 'known' ? finding.value : undefined;
}

/** Passes a known value to `next`. Returns any other finding unchanged. */
export async function chain<T, U>(
  finding: Finding<T>,
  next: (value: T) => Finding<U> | Promise<Finding<U>>,
): Promise<Finding<U>> {
  return finding.kind === 'known' ? next(finding.value) : finding;
}

/** Runs a check on a known value. For any other finding the outcome is `unknown` or `skip`. */
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

/** Makes one AWS call. `action` is the IAM action that the call needs. */
export type Ask = <T>(action: string, call: () => Promise<T>) => Promise<Finding<T>>;

/** Time limit for one call (ms). */
const CALL_LIMIT_MS = 5_000;

/** Time limit (ms) once a call has timed out: the connection is probably at fault, so later calls wait less. */
const NEXT_LIMIT_MS = 1_000;

/** Returns an `Ask` whose finding is `unknown` if the call is denied, fails or times out. */
export function createAsk(clock: Clock): Ask {
  let currentLimitMs = CALL_LIMIT_MS;
  return async <T>(action: string, call: () => Promise<T>) => {
    const limitMs = currentLimitMs;
    let cancel = () => {};
    const timedOut = new Promise<Finding<T>>((resolve) => {
      const reason = `No answer to ${action} within ${limitMs / 1_000} s.`;
      cancel = clock.after(limitMs, () => {
        currentLimitMs = NEXT_LIMIT_MS;
        resolve({ kind: 'unknown', reason });
      });
    });
    try {
      return await Promise.race([call().then(known), timedOut]);
    } catch (error) {
      // Any other error is a bug in ecsh.
      if (!(error instanceof EcshError)) throw error;
      return failed(action, error);
    } finally {
      cancel();
    }
  };
}

function failed(action: string, error: EcshError): Finding<never> {
  const { code } = error;
  if (code !== 'access-denied') return { kind: 'unknown', reason: error.message, code };
  const permission = error.deniedAction ?? action;
  return {
    kind: 'unknown',
    reason: `Not checked: you lack permission for ${permission}.`,
    permission,
  };
}
