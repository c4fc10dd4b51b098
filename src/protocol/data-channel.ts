import { randomUUID } from 'node:crypto';
import type { ChannelEvent, ChannelFailure } from './channel-event.ts';
import { ChannelHandshake } from './channel-handshake.ts';
import { ChannelInput } from './channel-input.ts';
import { ChannelOutput } from './channel-output.ts';
import { ChannelSecurity, type ProvidedKey } from './channel-security.ts';
import { ChannelLifecycle } from './channel-state.ts';
import { openFrame } from './client-frames.ts';
import { EventList } from './event-list.ts';
import type { SessionKind } from './handshake.ts';
import { type AgentMessage, MessageType } from './message.ts';
import { decodeMessage } from './message-codec.ts';
import { type ChannelSize, decodeAcknowledgement, decodeChannelClosed } from './payload.ts';
import { ReliableLink } from './reliable-link.ts';

const NEVER = Number.POSITIVE_INFINITY;

export interface DataChannelOptions {
  readonly token: string;
  /** Undefined: a port session, which has no terminal (PROTOCOL 7). */
  readonly size: ChannelSize | undefined;
  /** By default a port without a size, and a shell with one. */
  readonly kind?: SessionKind | undefined;
  /** A message without effect for a multiplexed port, for `probe`; undefined: there is none. */
  readonly portProbe?: Uint8Array | undefined;
  /**
   * The cluster has a KMS key: the channel neither sends nor accepts unencrypted data. False if it has none or
   * this is unknown; the agent may still request encryption.
   */
  readonly requiresEncryption: boolean;
  /**
   * How long after the first acknowledgement a handshake may still arrive (S-2); milliseconds, by default 1000. In
   * a shorter time the agent may acknowledge input and discard it, so the caller must send it again.
   */
  readonly handshakeGraceMs?: number | undefined;
}

/**
 * The client's side of one data channel (PROTOCOL 4), without any I/O: feed it frames and the
 * time in milliseconds since the epoch, send what `takeOutgoing` returns, call `tick` at
 * `nextDeadline`.
 */
export class DataChannel {
  readonly #clientId = randomUUID();
  readonly #lifecycle = new ChannelLifecycle();
  readonly #link = new ReliableLink();
  readonly #events = new EventList();
  readonly #security: ChannelSecurity;
  readonly #input: ChannelInput;
  readonly #handshake: ChannelHandshake;
  readonly #output: ChannelOutput;
  #token: string;

  constructor(options: DataChannelOptions) {
    const { token, size, kind, portProbe, requiresEncryption, handshakeGraceMs } = options;
    this.#token = token;
    const usual = size === undefined ? 'port' : 'shell';
    const security = new ChannelSecurity(requiresEncryption, kind ?? usual);
    const input = { size, portProbe };
    this.#security = security;
    this.#input = new ChannelInput(input, this.#lifecycle, this.#link, security, this.#events);
    this.#handshake = new ChannelHandshake(
      this.#lifecycle,
      security,
      this.#input,
      this.#events,
      handshakeGraceMs,
    );
    this.#output = new ChannelOutput(
      this.#link,
      security,
      this.#input,
      this.#handshake,
      this.#events,
    );
  }

  /**
   * Starts on a new websocket, and returns the text frame to send first (PROTOCOL 1.6). Size follows
   * immediately, because the agent may send nothing before it gets one (S-1).
   */
  open(now: number): string {
    this.#input.probe(now);
    return openFrame(this.#token, this.#clientId);
  }

  /** The websocket is gone: nothing can be answered, so no timer runs (S-9). */
  suspend(): void {
    this.#link.suspend();
    this.#handshake.suspend();
  }

  /**
   * Continues on a new websocket with its token (S-14), and returns the text frame to send first. Unacknowledged
   * messages follow at once, and then Size.
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
    if (!this.#lifecycle.isClosed) this.#endOn(this.#handshake.provideKey(key, now));
    return this.#events.take();
  }

  /** Ends the session locally: sends nothing more, and wipes its key (K-3). */
  close(): void {
    this.#lifecycle.apply('end');
    this.#input.clear();
    this.#security.wipe();
  }

  /** Processes one websocket message; returns the events that the caller has to handle, in order. */
  receive(frame: Uint8Array, now: number): readonly ChannelEvent[] {
    if (this.#lifecycle.isClosed) return [];
    // F-10, F-11: a frame that breaks the rules is dropped without an acknowledgement.
    const message = this.#events.read(() => decodeMessage(frame));
    if (message !== undefined) this.#dispatch(message, now);
    return this.#events.take();
  }

  /** Queues bytes, without a copy, for the remote side; they stay here until `input-ready` (S-2). */
  sendInput(data: Uint8Array, now: number): void {
    if (!this.#lifecycle.isClosed) this.#input.send(data, now);
  }

  /** Like `sendInput`, but before waiting bytes; at most 1,024 bytes. */
  sendInputFirst(payload: Uint8Array, now: number): void {
    if (!this.#lifecycle.isClosed) this.#input.sendFirst(payload, now);
  }

  /** False while input waits for acknowledgements or a handshake: stop reading stdin then (S-11). */
  get hasInputRoom(): boolean {
    return this.#input.hasRoom;
  }

  resize(size: ChannelSize, now: number): void {
    if (!this.#lifecycle.isClosed) this.#input.resize(size, now);
  }

  /** Sends a message without effect that will be acknowledged. */
  probe(now: number): void {
    if (!this.#lifecycle.isClosed) this.#input.probe(now);
  }

  /** Port sessions only (PROTOCOL 3.6). */
  sendFlag(flag: number, now: number): void {
    this.#input.sendFlag(flag, now);
  }

  /** We have stopped reading, so silence is not the peer's fault (S-6). */
  pauseReceiving(): void {
    this.#link.pauseReceiving();
  }

  resumeReceiving(now: number): void {
    this.#link.resumeReceiving(now);
  }

  takeOutgoing(): readonly Uint8Array[] {
    return this.#link.takeOutgoing();
  }

  nextDeadline(): number | undefined {
    if (this.#lifecycle.isClosed) return undefined;
    const deadline = Math.min(this.#link.nextDeadline(), this.#handshake.nextDeadline());
    return deadline === NEVER ? undefined : deadline;
  }

  /** Handles everything that is due: limits, resends, the end of the wait for a handshake. */
  tick(now: number): readonly ChannelEvent[] {
    if (this.#lifecycle.isClosed) return [];
    this.#endOn(this.#link.tick(now) ?? this.#handshake.tick(now));
    return this.#events.take();
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
        this.#link.pause(now);
        return;
      default:
        // F-13: the service may get new types; a session never fails because of one.
        this.#events.ignore(`message type ${message.messageType}`);
    }
  }

  #receiveStream(message: AgentMessage, now: number): void {
    this.#link.accept(message, now);
    while (!this.#lifecycle.isClosed) {
      const next = this.#link.take(now);
      if (next === undefined) return;
      this.#endOn(this.#output.receive(next, now));
    }
  }

  #receiveAcknowledgement(message: AgentMessage, now: number): void {
    const acknowledgement = this.#events.read(() => decodeAcknowledgement(message.payload));
    if (acknowledgement === undefined) return;
    if (!this.#link.acknowledge(acknowledgement.sequenceNumber, now)) return;
    this.#handshake.noteAcknowledgement(now);
    this.#input.refill(now);
  }

  /** S-18, S-19: the contiguous part has been delivered before this; the rest is reported as lost. */
  #close(payload: Uint8Array): void {
    // With our own text it is a failure (M-3), because a normal end has a readable message.
    const output =
      this.#events.read(() => decodeChannelClosed(payload)) ??
      'the service closed the session with a message that ecsh cannot read';
    const isUnverified = this.#security.isRequired && !this.#security.hasKey;
    const isComplete = !this.#link.hasGap;
    this.#end({ type: 'closed', output, isComplete, ...(isUnverified ? { isUnverified } : {}) });
  }

  #endOn(failure: ChannelFailure | undefined): void {
    if (failure !== undefined) this.#end({ type: 'failed', failure });
  }

  /** The last event: nothing is sent or delivered after it, except what `takeOutgoing` still has. */
  #end(event: ChannelEvent): void {
    this.close();
    this.#events.push(event);
  }
}
