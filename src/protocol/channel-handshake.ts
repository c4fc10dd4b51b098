import type { ChannelFailure } from './channel-event.ts';
import type { ChannelInput } from './channel-input.ts';
import type { ChannelSecurity, ProvidedKey, SecurityStep } from './channel-security.ts';
import type { EventList } from './event-list.ts';
import { isMultiplexed } from './handshake.ts';
import { decodeHandshakeComplete } from './payload.ts';

/** S-2: how long a handshake may still come after the first acknowledgement. */
const HANDSHAKE_GRACE_MS = 1000;
/** A request for encryption is the agent's first message, and it gives up after as long (PROTOCOL 4.3). */
const ENCRYPTION_GRACE_MS = 15_000;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * Whether a handshake comes, which nobody can know beforehand, and when input may be sent: after it,
 * or once it is plain that there is none (S-1, S-2). What returns a failure ends the session with it.
 */
export class ChannelHandshake {
  readonly #security: ChannelSecurity;
  readonly #input: ChannelInput;
  readonly #events: EventList;
  /** ATTACHED (PROTOCOL 4.1): nothing heard of a handshake yet, nor of a session without one. */
  #isAwaited = true;
  #firstAckAt: number | undefined;

  constructor(security: ChannelSecurity, input: ChannelInput, events: EventList) {
    this.#security = security;
    this.#input = input;
    this.#events = events;
  }

  /** The agent is there: a handshake would come now. */
  noteAcknowledgement(now: number): void {
    this.#firstAckAt ??= now;
  }

  /** One that began meanwhile is heard of on the next socket, after another Size. */
  suspend(): void {
    this.#firstAckAt = undefined;
  }

  /** Output shows that there is none. */
  noteOutput(now: number): void {
    if (this.#isAwaited) this.#end(now);
  }

  /** Of a handshake request, which may need a data key first: then `provideKey` does. */
  answer(payload: Uint8Array, now: number): ChannelFailure | undefined {
    if (!this.#security.mayHandshake) {
      this.#events.ignore('another handshake request');
      return undefined;
    }
    this.#isAwaited = false;
    this.#input.hold();
    return this.#take(this.#security.begin(payload), now);
  }

  provideKey(key: ProvidedKey, now: number): ChannelFailure | undefined {
    return this.#take(this.#security.provideKey(key), now);
  }

  answerChallenge(payload: Uint8Array, now: number): ChannelFailure | undefined {
    return this.#take(this.#security.answerChallenge(payload), now);
  }

  /** The agent says that it is over, and perhaps something for the user (M-6). */
  complete(payload: Uint8Array, now: number): ChannelFailure | undefined {
    const { failure } = this.#security.complete();
    if (failure !== undefined) return failure;
    const text = this.#events.read(() => decodeHandshakeComplete(payload)) ?? '';
    if (text !== '') this.#events.push({ type: 'notice', text });
    if (!this.#input.isOpen) this.#end(now);
    return undefined;
  }

  nextDeadline(): number {
    if (!this.#isAwaited || this.#firstAckAt === undefined) return NEVER;
    const grace = this.#security.isRequired ? ENCRYPTION_GRACE_MS : HANDSHAKE_GRACE_MS;
    return this.#firstAckAt + grace;
  }

  /** S-2: none has come in time. */
  tick(now: number): ChannelFailure | undefined {
    if (now < this.nextDeadline()) return undefined;
    const { failure } = this.#security.complete();
    if (failure === undefined) this.#end(now);
    return failure;
  }

  #take(
    { sessionType, send, keyRequest, ignored, failure }: SecurityStep,
    now: number,
  ): ChannelFailure | undefined {
    if (sessionType !== undefined) {
      if (sessionType.name === 'Port') this.#input.becomePort(isMultiplexed(sessionType));
      this.#events.push({ type: 'session-type', sessionType });
    }
    if (send !== undefined) this.#input.sendMessage(send.payloadType, send.payload, now);
    if (keyRequest !== undefined) this.#events.push({ type: 'key-needed', request: keyRequest });
    if (ignored !== undefined) this.#events.ignore(ignored);
    return failure;
  }

  #end(now: number): void {
    this.#isAwaited = false;
    this.#input.open(now);
  }
}
