import { randomUUID } from 'node:crypto';
import type { AgentMessage } from '#protocol/message.ts';
import { decodeMessage, encodeMessage } from '#protocol/message-codec.ts';
import { decodeAcknowledgement, encodeAcknowledgement } from '#protocol/payload.ts';
import { ReliableReceiver } from '#protocol/reliable-receiver.ts';
import { ReliableSender } from '#protocol/reliable-sender.ts';
import type { SendWindowLimits } from '#protocol/send-window.ts';
import type { LinkedEnd } from '#test/fakes/fake-link.ts';

export interface StreamEndOptions {
  readonly sends: 'input_stream_data' | 'output_stream_data';
  readonly window: SendWindowLimits;
  readonly capacity: number;
  readonly backOff: boolean;
}

/** One end of the reliable stream and nothing else: a sender, a receiver, and the rules of 4.4. */
export class StreamEnd implements LinkedEnd {
  /** Payloads of the other end, in the order of delivery. */
  readonly delivered: AgentMessage[] = [];
  readonly #options: StreamEndOptions;
  readonly #sender: ReliableSender;
  readonly #receiver: ReliableReceiver;
  #waiting: { readonly payloadType: number; readonly payload: Uint8Array }[] = [];
  #outgoing: Uint8Array[] = [];

  constructor(options: StreamEndOptions) {
    this.#options = options;
    this.#sender = new ReliableSender(options);
    this.#receiver = new ReliableReceiver({ messages: options.capacity, bytes: 64 * 1024 * 1024 });
  }

  get isIdle(): boolean {
    return this.#sender.isEmpty && this.#waiting.length === 0;
  }

  send(payload: Uint8Array, now: number, payloadType = 1): void {
    this.#waiting.push({ payloadType, payload });
    this.#sendWaiting(now);
  }

  receive(frame: Uint8Array, now: number): void {
    const message = decodeMessage(frame);
    if (message.messageType === 'acknowledge') {
      this.#sender.acknowledge(decodeAcknowledgement(message.payload).sequenceNumber, now);
      this.#sendWaiting(now);
      return;
    }
    if (this.#receiver.accept(message) === 'dropped') return;
    this.#push(
      'acknowledge',
      0,
      { payloadType: 0, payload: Buffer.from(encodeAcknowledgement(message)) },
      now,
    );
    for (let next = this.#receiver.take(); next !== undefined; next = this.#receiver.take()) {
      this.delivered.push(next);
    }
  }

  tick(now: number): void {
    const overdue = this.#sender.resendDue(now);
    if (overdue !== undefined) this.#outgoing.push(overdue);
  }

  takeOutgoing(): readonly Uint8Array[] {
    return this.#outgoing.splice(0);
  }

  nextDeadline(): number | undefined {
    return this.#sender.nextDeadline();
  }

  #sendWaiting(now: number): void {
    while (this.#sender.hasRoom) {
      const content = this.#waiting.shift();
      if (content === undefined) return;
      this.#outgoing.push(
        this.#sender.send(
          (sequenceNumber) => encode(this.#options.sends, sequenceNumber, content, now),
          now,
        ),
      );
    }
  }

  #push(
    messageType: string,
    sequenceNumber: number,
    content: { readonly payloadType: number; readonly payload: Uint8Array },
    now: number,
  ): void {
    this.#outgoing.push(encode(messageType, sequenceNumber, content, now));
  }
}

function encode(
  messageType: string,
  sequenceNumber: number,
  content: { readonly payloadType: number; readonly payload: Uint8Array },
  now: number,
): Uint8Array {
  const flags = messageType === 'acknowledge' ? 3 : 0;
  return encodeMessage({
    ...content,
    messageType,
    sequenceNumber,
    flags,
    messageId: randomUUID(),
    createdDate: now,
  });
}
