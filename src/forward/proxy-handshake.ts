import type { PortDestination } from '#domain/port-forward.ts';
import { readConnect } from './http-connect.ts';
import type { HandshakeStep, Refusal } from './proxy-step.ts';
import { readSocks4, readSocks5Greeting, readSocks5Request } from './socks.ts';

export type HandshakeEvent =
  | { readonly type: 'send'; readonly bytes: Uint8Array }
  | {
      readonly type: 'connect';
      readonly destination: PortDestination;
      /** Sent when the connection is open. */
      readonly accepted: Uint8Array;
      /** Sent if it cannot be opened. */
      readonly refused: (why: Refusal) => Uint8Array;
      /** Bytes that the client has sent after its request; they belong to the connection. */
      readonly rest: Uint8Array;
    }
  | { readonly type: 'reject'; readonly bytes: Uint8Array; readonly problem: string };

/** Requests are much shorter. */
const MAX_BYTES = 16 * 1024;

/** Reads a proxy client's request with its destination: SOCKS 5, SOCKS 4 or 4a, or HTTP CONNECT. */
export class ProxyHandshake {
  #held: Buffer = Buffer.alloc(0);
  #isGreeted = false;
  #isDone = false;

  receive(bytes: Uint8Array): readonly HandshakeEvent[] {
    if (this.#isDone) throw new Error('The handshake is over.');
    this.#held = Buffer.concat([this.#held, bytes]);
    const events: HandshakeEvent[] = [];
    while (!this.#isDone && this.#held.length > 0) {
      const step = this.#read();
      if (step.type === 'more') {
        if (this.#held.length <= MAX_BYTES) break;
        events.push({
          type: 'reject',
          bytes: new Uint8Array(),
          problem: 'its request is too long',
        });
        this.#isDone = true;
        break;
      }
      events.push(this.#take(step));
    }
    return events;
  }

  #read(): HandshakeStep {
    if (this.#isGreeted) return readSocks5Request(this.#held);
    switch (this.#held[0]) {
      case 5:
        return readSocks5Greeting(this.#held);
      case 4:
        return readSocks4(this.#held);
      default:
        return readConnect(this.#held);
    }
  }

  #take(step: Exclude<HandshakeStep, { readonly type: 'more' }>): HandshakeEvent {
    if (step.type === 'answer') {
      this.#isGreeted = true;
      this.#held = this.#held.subarray(step.used);
      return { type: 'send', bytes: step.bytes };
    }
    this.#isDone = true;
    if (step.type === 'reject') return step;
    const { used, ...connect } = step;
    return { ...connect, rest: this.#held.subarray(used) };
  }
}
