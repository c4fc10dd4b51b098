import type { ChannelFailure } from './channel-event.ts';
import type { ChannelInput } from './channel-input.ts';
import type { ChannelSecurity, ProvidedKey, SecurityStep } from './channel-security.ts';
import type { ChannelLifecycle } from './channel-state.ts';
import type { EventList } from './event-list.ts';
import { isMultiplexed } from './handshake.ts';
import { decodeHandshakeComplete } from './payload.ts';

/** S-2: how long a handshake may still arrive after the first acknowledgement. */
const HANDSHAKE_GRACE_MS = 1000;
/** A request for encryption is the agent's first message, and the agent gives up after the same time (PROTOCOL 4.3). */
const ENCRYPTION_GRACE_MS = 15_000;
/** From our answer to the completion. The agent itself waits 15 s for each answer (PROTOCOL 4.3). */
const COMPLETION_LIMIT_MS = 60_000;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * Answers a handshake if one arrives, and decides when input may be sent: after the handshake, or as soon as it is clear
 * that there is none (S-1, S-2). A returned failure ends the session.
 */
export class ChannelHandshake {
  readonly #lifecycle: ChannelLifecycle;
  readonly #security: ChannelSecurity;
  readonly #input: ChannelInput;
  readonly #events: EventList;
  readonly #graceMs: number;
  #firstAckAt: number | undefined;
  #completionDeadline = NEVER;

  constructor(
    lifecycle: ChannelLifecycle,
    security: ChannelSecurity,
    input: ChannelInput,
    events: EventList,
    graceMs = HANDSHAKE_GRACE_MS,
  ) {
    this.#graceMs = graceMs;
    this.#lifecycle = lifecycle;
    this.#security = security;
    this.#input = input;
    this.#events = events;
  }

  /** The agent is present: a handshake would arrive now. */
  noteAcknowledgement(now: number): void {
    this.#firstAckAt ??= now;
  }

  /** A handshake that began in the meantime continues on the next websocket, after another Size. */
  suspend(): void {
    this.#firstAckAt = undefined;
  }

  /** Output shows that no handshake will arrive. */
  noteOutput(now: number): void {
    const wasOpen = this.#lifecycle.isOpen;
    if (this.#lifecycle.apply('output') && !wasOpen) this.#input.start(now);
  }

  /** Answers a request. `provideKey` answers one that needs a data key. */
  answer(payload: Uint8Array, now: number): ChannelFailure | undefined {
    // An unexpected answer would block the agent forever (PROTOCOL 4.4).
    if (!this.#lifecycle.allows('handshake-request')) {
      this.#events.ignore('another handshake request');
      return undefined;
    }
    const step = this.#security.begin(payload);
    this.#lifecycle.apply(step.keyRequest === undefined ? 'handshake-request' : 'key-request');
    return this.#take(step, now);
  }

  provideKey(key: ProvidedKey, now: number): ChannelFailure | undefined {
    if (!this.#lifecycle.apply('key')) return undefined;
    return this.#take(this.#security.provideKey(key), now);
  }

  answerChallenge(payload: Uint8Array, now: number): ChannelFailure | undefined {
    return this.#take(this.#security.answerChallenge(payload), now);
  }

  /** The agent reports the end of the handshake, possibly with a message for the user (M-6). */
  complete(payload: Uint8Array, now: number): ChannelFailure | undefined {
    const { failure } = this.#security.complete();
    if (failure !== undefined) return failure;
    if (!this.#lifecycle.apply('handshake-complete')) {
      this.#events.ignore('the end of no handshake');
      return undefined;
    }
    this.#completionDeadline = NEVER;
    const text = this.#events.read(() => decodeHandshakeComplete(payload)) ?? '';
    if (text !== '') this.#events.push({ type: 'notice', text });
    this.#input.start(now);
    return undefined;
  }

  nextDeadline(): number {
    return Math.min(this.#graceDeadline(), this.#completionDeadline);
  }

  /** S-2: no handshake has arrived in time, or one that began is not completed. */
  tick(now: number): ChannelFailure | undefined {
    if (now >= this.#completionDeadline) {
      return { reason: 'handshake', message: 'the agent did not complete the handshake' };
    }
    if (now < this.#graceDeadline()) return undefined;
    const { failure } = this.#security.complete();
    if (failure === undefined && this.#lifecycle.apply('grace-over')) this.#input.start(now);
    return failure;
  }

  #graceDeadline(): number {
    if (this.#lifecycle.state !== 'attached' || this.#firstAckAt === undefined) return NEVER;
    const grace = this.#security.isRequired ? ENCRYPTION_GRACE_MS : this.#graceMs;
    return this.#firstAckAt + grace;
  }

  #take(
    { sessionType, send, keyRequest, ignored, failure }: SecurityStep,
    now: number,
  ): ChannelFailure | undefined {
    if (sessionType !== undefined) {
      if (sessionType.name === 'Port') this.#input.becomePort(isMultiplexed(sessionType));
      this.#events.push({ type: 'session-type', sessionType });
    }
    if (send !== undefined) {
      this.#input.sendMessage(send.payloadType, send.payload, now);
      this.#completionDeadline = now + COMPLETION_LIMIT_MS;
    }
    if (keyRequest !== undefined) this.#events.push({ type: 'key-needed', request: keyRequest });
    if (ignored !== undefined) this.#events.ignore(ignored);
    return failure;
  }
}
