import type { ChannelSecurity } from './channel-security.ts';
import type { ChannelLifecycle } from './channel-state.ts';
import type { EventList } from './event-list.ts';
import { InputQueue } from './input-queue.ts';
import { PayloadType } from './message.ts';
import { type ChannelSize, encodeFlag, encodeSize } from './payload.ts';
import type { ReliableLink } from './reliable-link.ts';

export interface ChannelInputOptions {
  /** Undefined: a port, which has no terminal (PROTOCOL 7). */
  readonly size: ChannelSize | undefined;
  /** A message without effect for a multiplexed port; undefined: there is none. */
  readonly portProbe: Uint8Array | undefined;
}

/**
 * Input of the client: as much as the window has room for (S-11), and no bytes before the remote
 * side accepts them (S-2). Keeps all waiting bytes, but only the latest of waiting sizes.
 */
export class ChannelInput {
  readonly #lifecycle: ChannelLifecycle;
  readonly #link: ReliableLink;
  readonly #security: ChannelSecurity;
  readonly #events: EventList;
  readonly #queue = new InputQueue();
  #size: ChannelSize | undefined;
  #portProbe: Uint8Array | undefined;
  /** A size waits for room in the window. */
  #isSizeDue = false;
  #isReadyReported = false;

  constructor(
    { size, portProbe }: ChannelInputOptions,
    lifecycle: ChannelLifecycle,
    link: ReliableLink,
    security: ChannelSecurity,
    events: EventList,
  ) {
    this.#size = size;
    this.#portProbe = portProbe;
    this.#lifecycle = lifecycle;
    this.#link = link;
    this.#security = security;
    this.#events = events;
  }

  /** A port has no terminal (PROTOCOL 7). */
  get isOfPort(): boolean {
    return this.#size === undefined;
  }

  /** The handshake names a port: no size is sent from now on. A plain port is one stream of bytes. */
  becomePort(isMultiplexed: boolean): void {
    this.#size = undefined;
    this.#isSizeDue = false;
    if (!isMultiplexed) this.#portProbe = undefined;
  }

  /** False while bytes wait for acknowledgements or a handshake. */
  get hasRoom(): boolean {
    return this.#lifecycle.isOpen && this.#queue.isEmpty;
  }

  /** S-1, S-2: the channel has opened. The program is running; an earlier Size may have been discarded. */
  start(now: number): void {
    this.probe(now);
    this.#flush(now);
    if (!this.#isReadyReported) this.#events.push({ type: 'input-ready' });
    // After a handshake that arrived when it was no longer expected.
    else if (this.hasRoom) this.#events.push({ type: 'input-drained' });
    this.#isReadyReported = true;
  }

  clear(): void {
    this.#queue.clear();
  }

  send(data: Uint8Array, now: number): void {
    this.#queue.push(data);
    this.#flush(now);
  }

  /** Before waiting bytes: for flow control, which is not part of the input. */
  sendFirst(payload: Uint8Array, now: number): void {
    this.#queue.unshift(payload);
    this.#flush(now);
  }

  resize(size: ChannelSize, now: number): void {
    if (this.#size === undefined) return;
    if (size.cols === this.#size.cols && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#sendSize(now);
  }

  /**
   * Sends a message without effect that will be acknowledged, unless something else waits to be sent: the size again,
   * because the kernel signals only a change (S-4), or to a port an empty frame.
   */
  probe(now: number): void {
    if (!this.isOfPort) this.#sendSize(now);
    else if (this.#portProbe !== undefined && this.hasRoom) this.send(this.#portProbe, now);
  }

  sendFlag(flag: number, now: number): void {
    if (this.#lifecycle.isOpen) this.sendMessage(PayloadType.flag, encodeFlag(flag), now);
  }

  /** A message was acknowledged, so there may be room for waiting input. */
  refill(now: number): void {
    if (this.#isSizeDue) this.#sendSize(now);
    const hadRoom = this.hasRoom;
    this.#flush(now);
    if (!hadRoom && this.hasRoom) this.#events.push({ type: 'input-drained' });
    if (this.isOfPort && this.#lifecycle.isOpen && this.#link.isAnswered) {
      this.#events.push({ type: 'input-taken' });
    }
  }

  /** At once, even without room. */
  sendMessage(payloadType: number, payload: Uint8Array, now: number): void {
    // F-4, K-4: only input is encrypted, and only once: a resend has the same bytes (S-8).
    const body = payloadType === PayloadType.output ? this.#security.seal(payload) : payload;
    this.#link.send(payloadType, body, now);
  }

  #flush(now: number): void {
    if (!this.#lifecycle.isOpen) return;
    while (this.#link.hasRoom) {
      const payload = this.#queue.take();
      if (payload === undefined) return;
      this.sendMessage(PayloadType.output, payload, now);
    }
  }

  /** While the window is full only the latest size is kept, so that the window remains a limit. */
  #sendSize(now: number): void {
    if (this.#size === undefined) return;
    this.#isSizeDue = !this.#link.hasRoom;
    if (!this.#isSizeDue) this.sendMessage(PayloadType.size, encodeSize(this.#size), now);
  }
}
