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
  /** How long to go on trying (S-15), in milliseconds. */
  readonly resumeLimitMs: number;
  readonly signal: AbortSignal;
}

export interface OutageListener {
  /** For the user, on stderr. */
  onNotice(text: string): void;
  onDebug(what: string): void;
  /**
   * There is no way back from what was lost for this reason: `session-over` (S-16), `access-denied`
   * (S-17), or what the last attempt failed with when the time is over.
   */
  onOver(reason: string, error: EcshError): void;
}

export interface Recovered {
  readonly transport: FrameTransport;
  readonly token: string;
}

/** Outages shorter than this are not reported (ms). */
const NOTICE_AFTER_MS = 1_000;
/** PROTOCOL 4.7: the plugin's delays, doubling from this up to that. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/** ResumeSession errors that retrying cannot fix. */
const FINAL_CODES = /^(access-denied|session-over|tls-untrusted|region-.*|credentials-.*|mfa-.*)$/;

/**
 * From the loss of a connection until the service is heard again, on another one (S-14, S-15). A
 * websocket that opens proves nothing: one with a token that is not taken is closed at once, and
 * one into a frozen service stays silent.
 */
export class Outage {
  readonly #reason: string;
  readonly #options: OutageOptions;
  readonly #listener: OutageListener;
  readonly #abort = new AbortController();
  readonly #cancelTimers: (() => void)[];
  #delay = 0;
  #wasSaid = false;
  #lastError: EcshError | undefined;

  constructor(reason: string, options: OutageOptions, listener: OutageListener) {
    this.#reason = reason;
    this.#options = options;
    this.#listener = listener;
    const { clock, resumeLimitMs } = options;
    this.#cancelTimers = [
      clock.after(NOTICE_AFTER_MS, () => {
        this.#wasSaid = true;
        listener.onNotice('The connection was lost; trying to resume the session.');
      }),
      clock.after(resumeLimitMs, () => this.#giveUp(this.#lastError ?? unanswered(resumeLimitMs))),
    ];
  }

  /**
   * ResumeSession, then the URL that it returns, until one opens; longer apart each time. Credentials
   * that have expired meanwhile are refreshed by the adapter.
   *
   * @returns undefined when it is over
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

  /** The service has answered. */
  end(): void {
    this.cancel();
    if (this.#wasSaid) this.#listener.onNotice('The session goes on.');
  }

  /** The session is over for us. */
  cancel(): void {
    this.#abort.abort();
    for (const cancel of this.#cancelTimers.splice(0)) cancel();
  }

  async #resume(listener: FrameListener): Promise<Recovered> {
    const { sessionId, ssm, openTransport, signal } = this.#options;
    const api = await ssm();
    const way = await api.resumeSession(sessionId).catch((error: unknown) => {
      const isGone = error instanceof EcshError && error.code === 'session-not-found';
      throw isGone ? sessionOver(error) : error;
    });
    if (way === undefined) throw sessionOver();
    const either = AbortSignal.any([signal, this.#abort.signal]);
    const transport = await openTransport(checkedStreamUrl(way.streamUrl), listener, either);
    return { transport, token: way.tokenValue };
  }

  /** Settles before the next attempt, or at the end of the outage. */
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

/** S-16. */
function sessionOver(cause?: unknown): EcshError {
  return new EcshError('session-over', 'The session ended while the connection was lost.', {
    hint: 'Whether the command ran to its end is not known.',
    cause,
  });
}

function unanswered(limitMs: number): EcshError {
  const seconds = Math.round(limitMs / 1000);
  return new EcshError('service-silent', `the service did not answer within ${seconds} seconds.`);
}
