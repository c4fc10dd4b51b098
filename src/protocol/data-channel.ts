import { randomUUID } from 'node:crypto';
import type { ChannelEvent, ChannelFailure } from './channel-event.ts';
import { ChannelSecurity, type ProvidedKey, type SecurityStep } from './channel-security.ts';
import { openFrame } from './client-frames.ts';
import { EventList } from './event-list.ts';
import { InputQueue } from './input-queue.ts';
import { type AgentMessage, MessageType, PayloadType } from './message.ts';
import { decodeMessage } from './message-codec.ts';
import {
  decodeAcknowledgement,
  decodeChannelClosed,
  decodeExitCode,
  decodeFlag,
  decodeHandshakeComplete,
  encodeFlag,
  encodeSize,
  type TerminalSize,
} from './payload.ts';
import { ReliableLink } from './reliable-link.ts';
import { SMUX_NOP } from './smux-frame.ts';

/** S-2: how long a handshake may still come after the first acknowledgement. */
const HANDSHAKE_GRACE_MS = 1000;
/** A request for encryption is the agent's first message, and it gives up after as long (PROTOCOL 4.3). */
const ENCRYPTION_GRACE_MS = 15_000;
const NEVER = Number.POSITIVE_INFINITY;

export interface DataChannelOptions {
  readonly token: string;
  /** Undefined: a session of a port, which has no terminal (PROTOCOL 7). */
  readonly size: TerminalSize | undefined;
  /**
   * The cluster has a KMS key: nothing is sent, and nothing believed, that is not encrypted. False
   * when it has none or when that is not known; the agent may then still ask for encryption.
   */
  readonly requiresEncryption: boolean;
}

/** `attached`: nothing heard of a handshake yet. The states of PROTOCOL 4.1 after the upgrade. */
type Phase = 'attached' | 'handshake' | 'streaming' | 'closed';

/**
 * The client's side of one data channel (PROTOCOL 4), without any I/O: feed it frames and the
 * time in milliseconds since the epoch, send what `takeOutgoing` returns, call `tick` at
 * `nextDeadline`.
 */
export class DataChannel {
  readonly #clientId = randomUUID();
  readonly #link = new ReliableLink();
  readonly #events = new EventList();
  readonly #pendingInput = new InputQueue();
  #phase: Phase = 'attached';
  #wasInputReady = false;
  #size: TerminalSize | undefined;
  /** A size waits for room in the window. */
  #isSizeDue = false;
  #firstAckAt: number | undefined;
  #token: string;
  readonly #security: ChannelSecurity;
  readonly #requiresEncryption: boolean;

  constructor(options: DataChannelOptions) {
    this.#token = options.token;
    this.#size = options.size;
    this.#requiresEncryption = options.requiresEncryption;
    this.#security = new ChannelSecurity(
      options.requiresEncryption,
      options.size === undefined ? 'port' : 'shell',
    );
  }

  /**
   * Starts on a fresh websocket: the text frame to send first (PROTOCOL 1.6). Size follows
   * unasked, since nobody can know whether anything will be heard before it (S-1).
   */
  open(now: number): string {
    this.#sendSize(now);
    return openFrame(this.#token, this.#clientId);
  }

  /** The websocket is gone: nothing can be answered, so no clock runs (S-9). */
  suspend(): void {
    this.#link.pause();
    // A handshake that began meanwhile is heard of on the next socket, after another Size.
    this.#firstAckAt = undefined;
  }

  /**
   * Goes on with a fresh websocket and the token that came with it (S-14): the text frame to send
   * first. What was not acknowledged follows at once, and Size.
   */
  reopen(token: string, now: number): string {
    this.#token = token;
    this.#link.restart(now);
    this.probe(now);
    return openFrame(this.#token, this.#clientId);
  }

  /**
   * Answers `key-needed` with KMS's ciphertext and 64 bytes of plaintext key, which are copied, or
   * with the reason why there is no key.
   */
  provideKey(key: ProvidedKey, now: number): readonly ChannelEvent[] {
    if (this.#phase !== 'closed') this.#take(this.#security.provideKey(key), now);
    return this.#events.take();
  }

  /** The session is over for us: from here on nothing is said, and its key is wiped (K-3). */
  close(): void {
    this.#phase = 'closed';
    this.#pendingInput.clear();
    this.#security.wipe();
  }

  /** Takes one websocket message in; the events are what the caller has to act on, in order. */
  receive(frame: Uint8Array, now: number): readonly ChannelEvent[] {
    if (this.#phase === 'closed') return [];
    // F-10, F-11: a frame that breaks the rules is dropped without an acknowledgement.
    const message = this.#events.read(() => decodeMessage(frame));
    if (message !== undefined) this.#dispatch(message, now);
    return this.#events.take();
  }

  /** Queues bytes, without a copy, for the remote side; they stay here until `input-ready` (S-2). */
  sendInput(data: Uint8Array, now: number): void {
    if (this.#phase === 'closed') return;
    this.#pendingInput.push(data);
    this.#flushInput(now);
  }

  /** False while input waits, for acknowledgements or a handshake: stop reading stdin then (S-11). */
  get hasInputRoom(): boolean {
    return this.#phase === 'streaming' && this.#pendingInput.isEmpty;
  }

  resize(size: TerminalSize, now: number): void {
    if (this.#phase === 'closed' || this.#size === undefined) return;
    if (size.cols === this.#size.cols && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#sendSize(now);
  }

  /**
   * Sends what is acknowledged and changes nothing: the size once more, since the kernel signals only
   * a change (S-4), or to a port a frame without meaning, unless something waits to be sent anyway.
   */
  probe(now: number): void {
    if (this.#phase === 'closed') return;
    if (this.#size !== undefined) this.#sendSize(now);
    else if (this.hasInputRoom) this.sendInput(SMUX_NOP, now);
  }

  /** Of a port session (PROTOCOL 3.6). */
  sendFlag(flag: number, now: number): void {
    if (this.#phase !== 'streaming') return;
    this.#sendStream(PayloadType.flag, encodeFlag(flag), now);
  }

  /** Nothing is read for now: slow readers are nobody's silence. */
  holdBack(): void {
    this.#link.holdBack();
  }

  /** The opposite. */
  goOn(now: number): void {
    this.#link.goOn(now);
  }

  takeOutgoing(): readonly Uint8Array[] {
    return this.#link.takeOutgoing();
  }

  nextDeadline(): number | undefined {
    if (this.#phase === 'closed') return undefined;
    const deadline = Math.min(this.#link.nextDeadline(), this.#graceDeadline() ?? NEVER);
    return deadline === NEVER ? undefined : deadline;
  }

  /** Does what time has made due: the limits, resends, the end of the handshake's grace. */
  tick(now: number): readonly ChannelEvent[] {
    if (this.#phase === 'closed') return [];
    const failure = this.#link.tick(now);
    const grace = this.#graceDeadline();
    if (failure !== undefined) this.#end({ type: 'failed', failure });
    else if (grace !== undefined && now >= grace) this.#goWithoutHandshake(now);
    return this.#events.take();
  }

  #graceDeadline(): number | undefined {
    if (this.#phase !== 'attached' || this.#firstAckAt === undefined) return undefined;
    return this.#firstAckAt + (this.#requiresEncryption ? ENCRYPTION_GRACE_MS : HANDSHAKE_GRACE_MS);
  }

  /** S-2. */
  #goWithoutHandshake(now: number): void {
    this.#take(this.#security.complete(), now);
    if (this.#phase !== 'closed') this.#startStreaming(now);
  }

  #dispatch(message: AgentMessage, now: number): void {
    switch (message.messageType) {
      case MessageType.output:
        this.#link.unpause(now);
        this.#receiveStream(message, now);
        return;
      case MessageType.acknowledge:
        this.#link.unpause(now);
        this.#receiveAcknowledgement(message, now);
        return;
      case MessageType.channelClosed:
        this.#close(message.payload);
        return;
      case MessageType.startPublication:
        this.#link.unpause(now);
        return;
      case MessageType.pausePublication:
        this.#link.pause();
        return;
      default:
        // F-13: the service may learn new types; a session never fails for one.
        this.#events.ignore(`message type ${message.messageType}`);
    }
  }

  get #isOfPort(): boolean {
    return this.#size === undefined;
  }

  #receiveStream(message: AgentMessage, now: number): void {
    this.#link.accept(message, now);
    while (this.#phase !== 'closed') {
      const next = this.#link.take(now);
      if (next === undefined) return;
      this.#process(next, now);
    }
  }

  #process(message: AgentMessage, now: number): void {
    const { payloadType, payload } = message;
    switch (payloadType) {
      case PayloadType.output:
      case PayloadType.stdErr:
      case PayloadType.exitCode:
        this.#receiveOutput(payloadType, payload, now);
        return;
      case PayloadType.handshakeRequest:
        this.#answerHandshake(payload, now);
        return;
      case PayloadType.handshakeComplete:
        this.#completeHandshake(payload, now);
        return;
      case PayloadType.encChallengeRequest:
        this.#take(this.#security.answerChallenge(payload), now);
        return;
      default:
        if (payloadType === PayloadType.flag && this.#isOfPort) {
          this.#receiveFlag(payload);
          return;
        }
        // M-9: counted and acknowledged, otherwise ignored.
        this.#events.ignore(`payload type ${payloadType}`);
    }
  }

  /** The payload types that are encrypted under KMS (K-4). */
  #receiveOutput(payloadType: number, payload: Uint8Array, now: number): void {
    const data = this.#security.open(payload);
    if (!(data instanceof Uint8Array)) {
      // Unacknowledged (4.4): what cannot be read has not been received.
      this.#link.dropOutgoing();
      this.#take(data, now);
    } else if (payloadType === PayloadType.exitCode) {
      this.#receiveExitCode(data);
    } else {
      const stream = payloadType === PayloadType.stdErr ? 'stderr' : 'stdout';
      if (this.#phase === 'attached' && stream === 'stdout') this.#startStreaming(now);
      this.#events.push({ type: 'output', data, stream });
    }
  }

  #take({ send, keyRequest, ignored, failure }: SecurityStep, now: number): void {
    if (send !== undefined) this.#sendStream(send.payloadType, send.payload, now);
    if (keyRequest !== undefined) this.#events.push({ type: 'key-needed', request: keyRequest });
    if (ignored !== undefined) this.#events.ignore(ignored);
    if (failure !== undefined) this.#fail(failure.reason, failure.message);
  }

  /** Only of a port session: a shell has none that mean anything (PROTOCOL 3.6). */
  #receiveFlag(payload: Uint8Array): void {
    const flag = this.#events.read(() => decodeFlag(payload));
    if (flag !== undefined) this.#events.push({ type: 'flag', flag });
  }

  #receiveExitCode(payload: Uint8Array): void {
    const exitCode = decodeExitCode(payload);
    if (exitCode === undefined) this.#events.ignore('exit code that is none');
    else this.#events.push({ type: 'exit-code', exitCode });
  }

  #answerHandshake(payload: Uint8Array, now: number): void {
    if (!this.#security.mayHandshake) {
      this.#events.ignore('another handshake request');
      return;
    }
    this.#phase = 'handshake';
    this.#take(this.#security.begin(payload), now);
  }

  #completeHandshake(payload: Uint8Array, now: number): void {
    this.#take(this.#security.complete(), now);
    if (this.#phase === 'closed') return;
    const text = this.#events.read(() => decodeHandshakeComplete(payload)) ?? '';
    if (text !== '') this.#events.push({ type: 'notice', text });
    if (this.#phase !== 'streaming') this.#startStreaming(now);
  }

  /** S-1, S-2: from here on the program is there; an earlier Size may have been discarded. */
  #startStreaming(now: number): void {
    this.#phase = 'streaming';
    this.probe(now);
    this.#flushInput(now);
    if (!this.#wasInputReady) this.#events.push({ type: 'input-ready' });
    // After a handshake that came later than S-2 waits for one.
    else if (this.hasInputRoom) this.#events.push({ type: 'input-drained' });
    this.#wasInputReady = true;
  }

  #receiveAcknowledgement(message: AgentMessage, now: number): void {
    const acknowledgement = this.#events.read(() => decodeAcknowledgement(message.payload));
    if (acknowledgement === undefined) return;
    if (!this.#link.acknowledge(acknowledgement.sequenceNumber, now)) return;
    this.#firstAckAt ??= now;
    if (this.#isSizeDue) this.#sendSize(now);
    const hadRoom = this.hasInputRoom;
    this.#flushInput(now);
    if (!hadRoom && this.hasInputRoom) this.#events.push({ type: 'input-drained' });
    if (this.#isOfPort && this.#phase === 'streaming' && this.#link.isAnswered) {
      this.#events.push({ type: 'input-taken' });
    }
  }

  #flushInput(now: number): void {
    if (this.#phase !== 'streaming') return;
    while (this.#link.hasRoom) {
      const payload = this.#pendingInput.take();
      if (payload === undefined) return;
      this.#sendStream(PayloadType.output, payload, now);
    }
  }

  /** While the window is full only the latest size is kept, so that the window stays a bound. */
  #sendSize(now: number): void {
    if (this.#size === undefined) return;
    this.#isSizeDue = !this.#link.hasRoom;
    if (this.#isSizeDue) return;
    this.#sendStream(PayloadType.size, encodeSize(this.#size), now);
  }

  #sendStream(payloadType: number, payload: Uint8Array, now: number): void {
    // F-4, K-4: only input is encrypted, and once: a resend is the same bytes (S-8).
    const body = payloadType === PayloadType.output ? this.#security.seal(payload) : payload;
    this.#link.send(payloadType, body, now);
  }

  /** S-18, S-19: what is contiguous has been delivered before this; the rest is reported as lost. */
  #close(payload: Uint8Array): void {
    // A text of ours makes it a failure (M-3): whatever the message was, it was no ordinary end.
    const output =
      this.#events.read(() => decodeChannelClosed(payload)) ??
      'the service closed the session with a message that ecsh cannot read';
    this.#end({ type: 'closed', output, isComplete: !this.#link.hasGap });
  }

  #fail(reason: ChannelFailure['reason'], message: string): void {
    this.#end({ type: 'failed', failure: { reason, message } });
  }

  /** The last event: nothing goes in or out after it, but for what `takeOutgoing` still holds. */
  #end(event: ChannelEvent): void {
    this.close();
    this.#events.push(event);
  }
}
