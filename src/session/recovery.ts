import { EcshError } from '#domain/errors/errors.ts';
import type { SsmApi } from '#domain/ports/session-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type {
  FrameListener,
  FrameTransport,
  OpenTransport,
} from '#domain/ports/transport-ports.ts';
import { pause } from './pause.ts';
import { checkedStreamUrl } from './stream-url.ts';

export interface OutageOptions {
  readonly sessionId: string;
  readonly clock: Clock;
  readonly ssm: () => Promise<Pick<SsmApi, 'resumeSession'>>;
  readonly openTransport: OpenTransport;
  /** How long to keep trying to resume (S-15), in milliseconds. */
  readonly resumeLimitMs: number;
  readonly signal: AbortSignal;
}

export interface OutageListener {
  /** A message for the user on stderr. */
  onNotice(text: string): void;
  onDebug(what: string): void;
  /**
   * The session cannot be resumed. `reason` is why the connection was lost; `error` is `session-over`
   * (S-16), `access-denied` (S-17), or the error of the last attempt before the time limit.
   */
  onOver(reason: string, error: EcshError): void;
}

export interface Recovered {
  readonly transport: FrameTransport;
  readonly token: string;
}

/** Outages shorter than this are not reported (ms). */
const NOTICE_AFTER_MS = 1_000;
/** Delays between attempts, as in AWS's plugin: they double from the first to the longest (PROTOCOL 4.7). */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/** ResumeSession errors that retrying cannot fix. */
const FINAL_CODES = /^(access-denied|session-over|tls-untrusted|region-.*|credentials-.*|mfa-.*)$/;

/**
 * The time from the loss of a connection until the service answers on a new one (S-14, S-15). An open
 * websocket proves nothing: if the service rejects the token, it closes the websocket at once, and a
 * frozen service stays silent.
 */
export class Outage {
  readonly #reason: string;
  readonly #options: OutageOptions;
  readonly #listener: OutageListener;
  readonly #abort = new AbortController();
  readonly #cancelTimers: (() => void)[];
  #delay = 0;
  #wasReported = false;
  #lastError: EcshError | undefined;

  constructor(reason: string, options: OutageOptions, listener: OutageListener) {
    this.#reason = reason;
    this.#options = options;
    this.#listener = listener;
    const { clock, resumeLimitMs } = options;
    this.#cancelTimers = [
      clock.after(NOTICE_AFTER_MS, () => {
        this.#wasReported = true;
        listener.onNotice('The connection was lost; trying to resume the session.');
      }),
      clock.after(resumeLimitMs, () => this.#giveUp(this.#lastError ?? unanswered(resumeLimitMs))),
    ];
  }

  /**
   * Calls ResumeSession and opens the URL that it returns, with increasing delays, until one opens. The
   * adapter refreshes expired credentials.
   *
   * @returns undefined if the outage ended or was cancelled first
   */
  async reconnect(listenTo: () => FrameListener): Promise<Recovered | undefined> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      await this.#pause();
      if (signal.aborted) return undefined;
      try {
        const recovered = await this.#resume(listenTo());
        if (!signal.aborted) return recovered;
        recovered.transport.close();
      } catch (error) {
        // Do not retry after a bug in ecsh.
        if (!(error instanceof EcshError)) throw error;
        if (FINAL_CODES.test(error.code)) this.#giveUp(error);
        this.#lastError = error;
        this.#listener.onDebug(`not resumed: ${error.message}`);
      }
    }
    return undefined;
  }

  /** Ends the outage, because the service has answered. */
  end(): void {
    this.cancel();
    if (this.#wasReported) this.#listener.onNotice('The session was resumed.');
  }

  /** Stops all attempts. */
  cancel(): void {
    this.#abort.abort();
    for (const cancel of this.#cancelTimers.splice(0)) cancel();
  }

  async #resume(listener: FrameListener): Promise<Recovered> {
    const { sessionId, ssm, openTransport, signal } = this.#options;
    const api = await ssm();
    const resumed = await api.resumeSession(sessionId).catch((error: unknown) => {
      const isGone = error instanceof EcshError && error.code === 'session-not-found';
      throw isGone ? sessionOver(error) : error;
    });
    if (resumed === undefined) throw sessionOver();
    const stop = AbortSignal.any([signal, this.#abort.signal]);
    const transport = await openTransport(checkedStreamUrl(resumed.streamUrl), listener, stop);
    return { transport, token: resumed.tokenValue };
  }

  /** Waits until the next attempt, or until the outage is over. */
  #pause(): Promise<void> {
    const delay = this.#delay;
    this.#delay = delay === 0 ? FIRST_DELAY_MS : Math.min(2 * delay, LONGEST_DELAY_MS);
    if (delay === 0) return Promise.resolve();
    return pause(this.#options.clock, delay, this.#abort.signal);
  }

  #giveUp(error: EcshError): void {
    if (this.#abort.signal.aborted) return;
    this.cancel();
    this.#listener.onOver(this.#reason, error);
  }
}

function sessionOver(cause?: unknown): EcshError {
  return new EcshError('session-over', 'The session ended while the connection was lost.', {
    hint: 'It is not known whether the command finished.',
    cause,
  });
}

function unanswered(limitMs: number): EcshError {
  const seconds = Math.round(limitMs / 1000);
  return new EcshError('service-silent', `the service did not answer within ${seconds} seconds.`);
}
