import { randomUUID } from 'node:crypto';
import type { ChannelEvent, ChannelFailure } from './channel-event.ts';
import { ChannelSecurity, type ProvidedKey, type SecurityStep } from './channel-security.ts';
import { acknowledgeFrame, inputFrame, openFrame } from './client-frames.ts';
import { EventList } from './event-list.ts';
import { GapWatch } from './gap-watch.ts';
import { InputQueue } from './input-queue.ts';
import { type AgentMessage, decodeMessage, MessageType, PayloadType } from './message.ts';
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
import { ReliableReceiver } from './reliable-receiver.ts';
import { ReliableSender } from './reliable-sender.ts';
import { SMUX_NOP } from './smux-frame.ts';

/** S-11. At 80 ms of round trip the larger one lets 13 MB/s through, the smaller one 0.8. */
const SEND_WINDOW = { least: 64, most: 1024 };
/** PROTOCOL 4.6: what the plugin holds out of order. */
const RECEIVE_CAPACITY = 10_000;
/** S-2: how long a handshake may still come after the first acknowledgement. */
const HANDSHAKE_GRACE_MS = 1000;
/** A request for encryption is the agent's first message, and it gives up after as long (PROTOCOL 4.3). */
const ENCRYPTION_GRACE_MS = 15_000;
/** S-10. */
const UNANSWERED_LIMIT_MS = 300_000;
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
  readonly #sender = new ReliableSender({ window: SEND_WINDOW, backOff: true });
  readonly #receiver = new ReliableReceiver(RECEIVE_CAPACITY);
  readonly #events = new EventList();
  #outgoing: Uint8Array[] = [];
  readonly #pendingInput = new InputQueue();
  #phase: Phase = 'attached';
  #wasInputReady = false;
  #isHeldBack = false;
  #size: TerminalSize | undefined;
  /** A size waits for room in the window. */
  #isSizeDue = false;
  #firstAckAt: number | undefined;
  readonly #gap = new GapWatch();
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
    this.#stopClocks();
    // A handshake that began meanwhile is heard of on the next socket, after another Size.
    this.#firstAckAt = undefined;
  }

  /**
   * Goes on with a fresh websocket and the token that came with it (S-14): the text frame to send
   * first. What was not acknowledged follows at once, and Size.
   */
  reopen(token: string, now: number): string {
    this.#token = token;
    this.#unpause(now);
    // Acks of the old socket are void: the agent repeats what they were for.
    this.#outgoing = [...this.#sender.resendAll(now)];
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

  /** Nothing is read for now (S-6): what cannot be heard has not been left unanswered (S-9). */
  holdBack(): void {
    this.#isHeldBack = true;
    this.#stopClocks();
  }

  /** The opposite. */
  goOn(now: number): void {
    this.#isHeldBack = false;
    this.#unpause(now);
  }

  takeOutgoing(): readonly Uint8Array[] {
    const frames = this.#outgoing;
    if (frames.length > 0) this.#outgoing = [];
    return frames;
  }

  nextDeadline(): number | undefined {
    if (this.#phase === 'closed') return undefined;
    const deadline = Math.min(
      this.#sender.nextDeadline() ?? NEVER,
      this.#graceDeadline() ?? NEVER,
      this.#gap.deadline ?? NEVER,
    );
    return deadline === NEVER ? undefined : deadline;
  }

  /** Does what time has made due: the limits, resends, the end of the handshake's grace. */
  tick(now: number): readonly ChannelEvent[] {
    if (this.#phase === 'closed') return [];
    if (now >= (this.#gap.deadline ?? NEVER)) {
      this.#fail('gap', 'part of the output was lost on the way and did not come again');
    } else if (this.#sender.unansweredFor(now) >= UNANSWERED_LIMIT_MS) {
      this.#fail('unanswered', 'the container has not answered for five minutes');
    } else {
      this.#doDue(now);
    }
    return this.#events.take();
  }

  #doDue(now: number): void {
    const overdue = this.#sender.resendDue(now);
    if (overdue !== undefined) this.#send(overdue);
    const grace = this.#graceDeadline();
    if (grace !== undefined && now >= grace) this.#goWithoutHandshake(now);
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
        this.#unpause(now);
        this.#receiveStream(message, now);
        return;
      case MessageType.acknowledge:
        this.#unpause(now);
        this.#receiveAcknowledgement(message, now);
        return;
      case MessageType.channelClosed:
        this.#close(message.payload);
        return;
      case MessageType.startPublication:
        this.#unpause(now);
        return;
      case MessageType.pausePublication:
        this.#stopClocks();
        return;
      default:
        // F-13: the service may learn new types; a session never fails for one.
        this.#events.ignore(`message type ${message.messageType}`);
    }
  }

  get #isOfPort(): boolean {
    return this.#size === undefined;
  }

  #stopClocks(): void {
    this.#sender.pause();
    this.#gap.stop();
  }

  /** M-5: any sign of the agent ends a pause of its own. */
  #unpause(now: number): void {
    if (!this.#sender.isPaused || this.#isHeldBack) return;
    this.#sender.unpause(now);
    this.#gap.look(this.#receiver, now);
  }

  #receiveStream(message: AgentMessage, now: number): void {
    const arrival = this.#receiver.accept(message);
    if (arrival === 'dropped') return;
    // S-5: at once, duplicates again; the agent leaves its exit drain on the strength of it.
    this.#send(acknowledgeFrame(message, now));
    if (arrival === 'next') this.#drainReceiver(now);
    this.#gap.look(this.#receiver, now);
  }

  #drainReceiver(now: number): void {
    while (this.#phase !== 'closed') {
      const next = this.#receiver.take();
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
      this.#outgoing = [];
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
    if (!this.#sender.acknowledge(acknowledgement.sequenceNumber, now)) return;
    this.#firstAckAt ??= now;
    if (this.#isSizeDue) this.#sendSize(now);
    const hadRoom = this.hasInputRoom;
    this.#flushInput(now);
    if (!hadRoom && this.hasInputRoom) this.#events.push({ type: 'input-drained' });
    if (this.#isOfPort && this.#phase === 'streaming' && this.#sender.isEmpty) {
      this.#events.push({ type: 'input-taken' });
    }
  }

  #flushInput(now: number): void {
    if (this.#phase !== 'streaming') return;
    while (this.#sender.hasRoom) {
      const payload = this.#pendingInput.take();
      if (payload === undefined) return;
      this.#sendStream(PayloadType.output, payload, now);
    }
  }

  /** While the window is full only the latest size is kept, so that the window stays a bound. */
  #sendSize(now: number): void {
    if (this.#size === undefined) return;
    this.#isSizeDue = !this.#sender.hasRoom;
    if (this.#isSizeDue) return;
    this.#sendStream(PayloadType.size, encodeSize(this.#size), now);
  }

  #sendStream(payloadType: number, payload: Uint8Array, now: number): void {
    // F-4, K-4: only input is encrypted, and once: a resend is the same bytes (S-8).
    const body = payloadType === PayloadType.output ? this.#security.seal(payload) : payload;
    const frame = this.#sender.send(
      (sequenceNumber) => inputFrame({ sequenceNumber, payloadType, payload: body }, now),
      now,
    );
    this.#send(frame);
  }

  #send(frame: Uint8Array): void {
    // One frame answers most, and a push to an empty array makes room for 17.
    if (this.#outgoing.length === 0) this.#outgoing = [frame];
    else this.#outgoing.push(frame);
  }

  /** S-18, S-19: what is contiguous has been delivered before this; the rest is reported as lost. */
  #close(payload: Uint8Array): void {
    // A text of ours makes it a failure (M-3): whatever the message was, it was no ordinary end.
    const output =
      this.#events.read(() => decodeChannelClosed(payload)) ??
      'the service closed the session with a message that ecsh cannot read';
    this.#end({ type: 'closed', output, isComplete: !this.#receiver.hasGap });
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
