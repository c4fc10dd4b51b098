import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import type { Clock } from '#domain/ports/system-ports.ts';

/** The time that a run may take in total: `--timeout` of the program, `timeoutMs` of the library. */
export class TimeBudget {
  readonly #clock: Clock;
  readonly #deadline: number | undefined;

  /** @param limitMs counted from `startedAt`; 0 or undefined is no limit, as in timeout(1) */
  constructor(clock: Clock, startedAt: number, limitMs: number | undefined) {
    this.#clock = clock;
    this.#deadline = limitMs ? startedAt + limitMs : undefined;
  }

  /** Undefined: no limit. */
  get leftMs(): number | undefined {
    if (this.#deadline === undefined) return undefined;
    return Math.max(0, this.#deadline - this.#clock.now());
  }

  /** @throws EcshError `timed-out` (124) if the work takes longer than the remaining time */
  async spend<T>(work: Promise<T>): Promise<T> {
    const { leftMs } = this;
    if (leftMs === undefined) return work;
    let cancel: () => void = () => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.#clock.after(leftMs, () => reject(timedOut()));
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      cancel();
      work.catch(() => undefined);
    }
  }
}

function timedOut(): EcshError {
  return new EcshError('timed-out', 'The time limit passed before a session started.', {
    hint: 'Raise --timeout (library: timeoutMs). It counts from the start of ecsh, or of the call.',
    exitCode: ExitStatus.timeout,
  });
}
