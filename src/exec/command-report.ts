import type { EcshError } from '#domain/errors/errors.ts';
import type { EnvelopeEvent, EnvelopeFeatures, EnvelopeStream } from '#envelope/envelope.ts';
import type { ConnectionEnd } from '#session/connection-listener.ts';
import { sessionEndError } from '#session/session-end.ts';
import { commandNotStarted, imageLacksSh, outputDamaged } from './exec-errors.ts';

/** Everything the envelope has reported about its command so far. */
export class CommandReport {
  readonly #ended = new Set<EnvelopeStream>();
  #features: EnvelopeFeatures | undefined;
  #pid: number | undefined;
  #status: number | undefined;

  note(event: EnvelopeEvent): void {
    if (event.type === 'begin') this.#features = event.features;
    else if (event.type === 'started') this.#pid = event.pid;
    else if (event.type === 'end') this.#ended.add(event.stream);
    else if (event.type === 'status') this.#status = event.status;
  }

  /** Undefined: the envelope has not started. */
  get features(): EnvelopeFeatures | undefined {
    return this.#features;
  }

  /** Undefined: the command has not started. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** The status of the command; undefined if it is unknown, or not known yet. */
  get status(): number | undefined {
    return this.#isOfCommand ? this.#status : undefined;
  }

  /** Before the start of the command, a status comes from the shell; the envelope itself reports 126 and 127. */
  get #isOfCommand(): boolean {
    return this.#pid !== undefined || this.#status === 126 || this.#status === 127;
  }

  /** The command has ended and its streams are complete. */
  get isThrough(): boolean {
    return this.#status !== undefined && this.#ended.size === 2;
  }

  /**
   * @param damaged streams whose data is damaged
   * @returns the reason why the command's status is unknown; undefined if it is known
   */
  statusError(end: ConnectionEnd, damaged: readonly EnvelopeStream[]): EcshError | undefined {
    if (this.#status !== undefined && !this.#isOfCommand) return commandNotStarted(this.#status);
    if (this.#status === undefined || !this.isThrough) {
      const error = sessionEndError(end, this.#features !== undefined);
      return error.code === 'command-not-found' ? imageLacksSh(error) : error;
    }
    return damaged.length > 0
      ? outputDamaged(damaged, this.#status, this.#features?.output)
      : undefined;
  }
}
