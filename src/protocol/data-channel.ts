import { randomUUID } from 'node:crypto';
import { createHandshakeReply } from './handshake.ts';
import {
  type AgentMessage,
  decodeMessage,
  encodeMessage,
  Flags,
  FrameError,
  MessageType,
  PayloadType,
} from './message.ts';
import {
  decodeAcknowledgement,
  decodeChannelClosed,
  decodeExitCode,
  decodeHandshakeComplete,
  decodeHandshakeRequest,
  encodeAcknowledgement,
  encodeSize,
  PayloadError,
  type TerminalSize,
} from './payload.ts';
import { ReliableReceiver } from './reliable-receiver.ts';
import { ReliableSender } from './reliable-sender.ts';

/** W-6: a released plugin version, the lowest that AWS still supports. */
export const CLIENT_VERSION = '1.2.764.0';

/** F-6. */
const MAX_INPUT_PAYLOAD = 1024;
/** S-11. */
const SEND_WINDOW = 64;
/** PROTOCOL 4.6: what the plugin holds out of order. */
const RECEIVE_CAPACITY = 10_000;
/** S-2: how long a handshake may still come after the first acknowledgement. */
const HANDSHAKE_GRACE_MS = 1000;
/** S-12. */
const GAP_LIMIT_MS = 60_000;
/** S-10. */
const UNANSWERED_LIMIT_MS = 300_000;

/** Why a channel cannot go on; `message` is for people, `reason` for programs. */
export type ChannelFailure = {
  readonly reason: 'unanswered' | 'gap' | 'handshake';
  readonly message: string;
};

export type ChannelEvent =
  /** Input may be sent from now on (S-2). */
  | { readonly type: 'input-ready' }
  /** Everything handed to `sendInput` has gone out: there is room for more (S-11). */
  | { readonly type: 'input-drained' }
  | { readonly type: 'output'; readonly data: Uint8Array; readonly stream: 'stdout' | 'stderr' }
  | { readonly type: 'exit-code'; readonly exitCode: number }
  /** Text of the service or the cluster's owner for the user (M-6). */
  | { readonly type: 'notice'; readonly text: string }
  /** The session is over. `output` is empty after an ordinary end (M-3). */
  | { readonly type: 'closed'; readonly output: string; readonly isComplete: boolean }
  | { readonly type: 'failed'; readonly failure: ChannelFailure }
  /** Something a debug log should have: an ignored frame, an unknown type (F-13). */
  | { readonly type: 'ignored'; readonly what: string };

export interface DataChannelOptions {
  readonly token: string;
  readonly size: TerminalSize;
}

/** `attached`: nothing heard of a handshake yet. The states of PROTOCOL 4.1 after the upgrade. */
type Phase = 'attached' | 'handshake' | 'streaming' | 'closed';

/**
 * The client's side of one data channel (PROTOCOL 4), without any I/O: feed it frames and the
 * time in milliseconds, send what `takeOutgoing` returns, call `tick` at `nextDeadline`.
 */
export class DataChannel {
  readonly #clientId = randomUUID();
  readonly #sender = new ReliableSender({ window: SEND_WINDOW, backOff: true });
  readonly #receiver = new ReliableReceiver(RECEIVE_CAPACITY);
  readonly #events: ChannelEvent[] = [];
  #outgoing: Uint8Array[] = [];
  #pendingInput: Uint8Array[] = [];
  #phase: Phase = 'attached';
  #isInputReady = false;
  #size: TerminalSize;
  #firstAckAt: number | undefined;
  #gapSince: number | undefined;
  #token: string;

  constructor(options: DataChannelOptions) {
    this.#token = options.token;
    this.#size = options.size;
  }

  /**
   * Starts on a fresh websocket: the text frame to send first (PROTOCOL 1.6). Size follows
   * unasked, since nobody can know whether anything will be heard before it (S-1).
   */
  open(now: number): string {
    this.#sendSize(now);
    return JSON.stringify({
      MessageSchemaVersion: '1.0',
      RequestId: randomUUID(),
      TokenValue: this.#token,
      ClientId: this.#clientId,
      ClientVersion: CLIENT_VERSION,
    });
  }

  /** Takes one websocket message in; the events are what the caller has to act on, in order. */
  receive(frame: Uint8Array, now: number): readonly ChannelEvent[] {
    try {
      this.#dispatch(decodeMessage(frame), now);
    } catch (error) {
      // F-10, F-11: a frame that breaks the rules is dropped without an acknowledgement.
      if (!(error instanceof FrameError) && !(error instanceof PayloadError)) throw error;
      this.#events.push({ type: 'ignored', what: error.message });
    }
    return this.#takeEvents();
  }

  /** Queues bytes for the remote side; only after `input-ready` (S-2). */
  sendInput(data: Uint8Array, now: number): void {
    // F-5: an empty payload cannot be encoded, and nothing means nothing.
    for (let start = 0; start < data.length; start += MAX_INPUT_PAYLOAD) {
      this.#pendingInput.push(data.subarray(start, start + MAX_INPUT_PAYLOAD));
    }
    this.#flushInput(now);
  }

  /** False while input waits for acknowledgements: stop reading stdin then (S-11). */
  get hasInputRoom(): boolean {
    return this.#isInputReady && this.#pendingInput.length === 0;
  }

  resize(size: TerminalSize, now: number): void {
    if (size.cols === this.#size.cols && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#sendSize(now);
  }

  takeOutgoing(): readonly Uint8Array[] {
    const frames = this.#outgoing;
    if (frames.length > 0) this.#outgoing = [];
    return frames;
  }

  nextDeadline(): number | undefined {
    if (this.#phase === 'closed') return undefined;
    const deadlines = [
      this.#sender.nextDeadline(),
      this.#awaitsHandshake && this.#firstAckAt !== undefined
        ? this.#firstAckAt + HANDSHAKE_GRACE_MS
        : undefined,
      this.#gapSince === undefined ? undefined : this.#gapSince + GAP_LIMIT_MS,
    ].filter((deadline) => deadline !== undefined);
    return deadlines.length === 0 ? undefined : Math.min(...deadlines);
  }

  /** Does what time has made due: resends, the end of the handshake's grace, the limits. */
  tick(now: number): readonly ChannelEvent[] {
    if (this.#phase === 'closed') return [];
    const overdue = this.#sender.resendDue(now);
    if (overdue !== undefined) this.#outgoing.push(overdue);
    if (
      this.#awaitsHandshake &&
      this.#firstAckAt !== undefined &&
      now - this.#firstAckAt >= HANDSHAKE_GRACE_MS
    ) {
      this.#startStreaming(now);
    }
    if (this.#gapSince !== undefined && now - this.#gapSince >= GAP_LIMIT_MS) {
      this.#fail('gap', 'part of the output was lost on the way and did not come again');
    }
    if (this.#sender.unansweredFor(now) >= UNANSWERED_LIMIT_MS) {
      this.#fail('unanswered', 'the container has not answered for five minutes');
    }
    return this.#takeEvents();
  }

  get #awaitsHandshake(): boolean {
    return this.#phase === 'attached';
  }

  #dispatch(message: AgentMessage, now: number): void {
    if (this.#phase === 'closed') return;
    switch (message.messageType) {
      case MessageType.output:
        this.#sender.unpause(now);
        this.#receiveStream(message, now);
        return;
      case MessageType.acknowledge:
        this.#sender.unpause(now);
        this.#receiveAcknowledgement(message, now);
        return;
      case MessageType.channelClosed:
        this.#close(decodeChannelClosed(message.payload));
        return;
      case MessageType.startPublication:
        this.#sender.unpause(now);
        return;
      case MessageType.pausePublication:
        this.#sender.pause();
        return;
      default:
        // F-13: the service may learn new types; a session never fails for one.
        this.#events.push({ type: 'ignored', what: `message type ${message.messageType}` });
    }
  }

  #receiveStream(message: AgentMessage, now: number): void {
    const arrival = this.#receiver.accept(message);
    if (arrival === 'dropped') return;
    // S-5: at once, duplicates again; the agent leaves its exit drain on the strength of it.
    this.#acknowledge(message, now);
    if (arrival === 'next') this.#drainReceiver(now);
    this.#watchGap(now);
  }

  #drainReceiver(now: number): void {
    for (let next = this.#receiver.take(); next !== undefined; next = this.#receiver.take()) {
      this.#process(next, now);
    }
  }

  #process(message: AgentMessage, now: number): void {
    switch (message.payloadType) {
      case PayloadType.output:
        if (this.#awaitsHandshake) this.#startStreaming(now);
        this.#events.push({ type: 'output', data: message.payload, stream: 'stdout' });
        return;
      case PayloadType.stdErr:
        this.#events.push({ type: 'output', data: message.payload, stream: 'stderr' });
        return;
      case PayloadType.exitCode:
        this.#receiveExitCode(message.payload);
        return;
      case PayloadType.handshakeRequest:
        this.#answerHandshake(message.payload, now);
        return;
      case PayloadType.handshakeComplete:
        this.#completeHandshake(message.payload, now);
        return;
      default:
        // M-9: counted and acknowledged, otherwise ignored.
        this.#events.push({ type: 'ignored', what: `payload type ${message.payloadType}` });
    }
  }

  #receiveExitCode(payload: Uint8Array): void {
    const exitCode = decodeExitCode(payload);
    if (exitCode !== undefined) this.#events.push({ type: 'exit-code', exitCode });
  }

  #answerHandshake(payload: Uint8Array, now: number): void {
    this.#phase = 'handshake';
    const reply = createHandshakeReply(decodeHandshakeRequest(payload), CLIENT_VERSION);
    this.#sendStream(PayloadType.handshakeResponse, reply.payload, now);
    if (reply.refusal !== undefined) this.#fail('handshake', reply.refusal);
  }

  #completeHandshake(payload: Uint8Array, now: number): void {
    const text = decodeHandshakeComplete(payload);
    if (text !== '') this.#events.push({ type: 'notice', text });
    this.#startStreaming(now);
  }

  /** S-1, S-2: from here on the program is there; an earlier Size may have been discarded. */
  #startStreaming(now: number): void {
    this.#phase = 'streaming';
    this.#sendSize(now);
    this.#isInputReady = true;
    this.#events.push({ type: 'input-ready' });
  }

  #receiveAcknowledgement(message: AgentMessage, now: number): void {
    const { sequenceNumber } = decodeAcknowledgement(message.payload);
    if (!this.#sender.acknowledge(sequenceNumber, now)) return;
    this.#firstAckAt ??= now;
    const hadPending = this.#pendingInput.length > 0;
    this.#flushInput(now);
    if (hadPending && this.#pendingInput.length === 0) this.#events.push({ type: 'input-drained' });
  }

  #flushInput(now: number): void {
    let sent = 0;
    while (sent < this.#pendingInput.length && this.#sender.hasRoom) {
      const payload = this.#pendingInput[sent];
      if (payload === undefined) break;
      this.#sendStream(PayloadType.output, payload, now);
      sent += 1;
    }
    if (sent > 0) this.#pendingInput = this.#pendingInput.slice(sent);
  }

  #sendSize(now: number): void {
    this.#sendStream(PayloadType.size, encodeSize(this.#size), now);
  }

  #sendStream(payloadType: number, payload: Uint8Array, now: number): void {
    const frame = this.#sender.send(
      (sequenceNumber) =>
        encodeMessage({
          messageType: MessageType.input,
          createdDate: now,
          sequenceNumber,
          flags: Flags.none,
          messageId: randomUUID(),
          payloadType,
          payload,
        }),
      now,
    );
    this.#outgoing.push(frame);
  }

  #acknowledge(message: AgentMessage, now: number): void {
    this.#outgoing.push(
      encodeMessage({
        messageType: MessageType.acknowledge,
        createdDate: now,
        sequenceNumber: 0,
        flags: Flags.synFin,
        messageId: randomUUID(),
        payloadType: PayloadType.none,
        payload: encodeAcknowledgement(message),
      }),
    );
  }

  #watchGap(now: number): void {
    if (!this.#receiver.hasGap) this.#gapSince = undefined;
    else this.#gapSince ??= now;
  }

  /** S-18, S-19: what is contiguous has been delivered before this; the rest is reported as lost. */
  #close(output: string): void {
    this.#phase = 'closed';
    this.#events.push({ type: 'closed', output, isComplete: !this.#receiver.hasGap });
  }

  #fail(reason: ChannelFailure['reason'], message: string): void {
    this.#events.push({ type: 'failed', failure: { reason, message } });
  }

  #takeEvents(): readonly ChannelEvent[] {
    return this.#events.splice(0);
  }
}
