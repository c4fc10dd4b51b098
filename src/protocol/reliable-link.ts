import type { ChannelFailure } from './channel-event.ts';
import { acknowledgeFrame, inputFrame } from './client-frames.ts';
import { GapWatch } from './gap-watch.ts';
import type { AgentMessage } from './message.ts';
import { ReliableReceiver } from './reliable-receiver.ts';
import { ReliableSender } from './reliable-sender.ts';

/** S-11. At 80 ms of round trip the larger one lets 13 MB/s through, the smaller one 0.8. */
const SEND_WINDOW = { least: 64, most: 1024 };
/** PROTOCOL 4.6: the plugin holds as many messages out of order, without a limit in bytes. */
const RECEIVE_CAPACITY = { messages: 10_000, bytes: 16 * 1024 * 1024 };
/** S-10. */
const UNANSWERED_LIMIT_MS = 300_000;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * The client's numbered messages in both directions: sent until they are acknowledged, received in
 * order. Knows nothing of what is in them.
 */
export class ReliableLink {
  readonly #sender = new ReliableSender({ window: SEND_WINDOW, backOff: true });
  readonly #receiver = new ReliableReceiver(RECEIVE_CAPACITY);
  readonly #gap = new GapWatch();
  #isHeldBack = false;
  #outgoing: Uint8Array[] = [];

  /** More may be sent (S-11). */
  get hasRoom(): boolean {
    return this.#sender.hasRoom;
  }

  /** Everything that was sent has been acknowledged. */
  get isAnswered(): boolean {
    return this.#sender.isEmpty;
  }

  /** A message is missing while later ones are there. */
  get hasGap(): boolean {
    return this.#receiver.hasGap;
  }

  send(payloadType: number, payload: Uint8Array, now: number): void {
    const frame = this.#sender.send(
      (sequenceNumber) => inputFrame({ sequenceNumber, payloadType, payload }, now),
      now,
    );
    this.#push(frame);
  }

  /** False for a number that is not outstanding. */
  acknowledge(sequenceNumber: number, now: number): boolean {
    return this.#sender.acknowledge(sequenceNumber, now);
  }

  accept(message: AgentMessage, now: number): void {
    if (this.#receiver.accept(message) === 'dropped') return;
    // S-5: at once, duplicates again; the agent leaves its exit drain on the strength of it.
    this.#push(acknowledgeFrame(message, now));
    this.#gap.look(this.#receiver, now);
  }

  /** The next message in order, each once; undefined while it is missing. */
  take(now: number): AgentMessage | undefined {
    const message = this.#receiver.take();
    if (message !== undefined) this.#gap.look(this.#receiver, now);
    return message;
  }

  /** The peer is not there, or cannot be heard: no clock runs (M-5, S-9). */
  pause(): void {
    this.#sender.pause();
    this.#gap.stop();
  }

  /** M-5: any sign of the agent ends a pause of its own. */
  unpause(now: number): void {
    if (!this.#sender.isPaused || this.#isHeldBack) return;
    this.#sender.unpause(now);
    this.#gap.look(this.#receiver, now);
  }

  /** Nothing is read for now (S-6): what cannot be heard has not been left unanswered (S-9). */
  holdBack(): void {
    this.#isHeldBack = true;
    this.pause();
  }

  /** The opposite. */
  goOn(now: number): void {
    this.#isHeldBack = false;
    this.unpause(now);
  }

  /** What a fresh websocket needs first (S-14). Acks of the old one are void: the agent repeats. */
  restart(now: number): void {
    this.goOn(now);
    this.#outgoing = [...this.#sender.resendAll(now)];
  }

  /** What is to go out does not: acknowledgements of what cannot be read (4.4). */
  dropOutgoing(): void {
    this.#outgoing = [];
  }

  takeOutgoing(): readonly Uint8Array[] {
    const frames = this.#outgoing;
    if (frames.length > 0) this.#outgoing = [];
    return frames;
  }

  nextDeadline(): number {
    return Math.min(this.#sender.nextDeadline() ?? NEVER, this.#gap.deadline ?? NEVER);
  }

  /** Sends again what is due; or why there is no going on. */
  tick(now: number): ChannelFailure | undefined {
    if (now >= (this.#gap.deadline ?? NEVER)) {
      const message = 'part of the output was lost on the way and did not come again';
      return { reason: 'gap', message };
    }
    if (this.#sender.unansweredFor(now) >= UNANSWERED_LIMIT_MS) {
      return { reason: 'unanswered', message: 'the container has not answered for five minutes' };
    }
    const overdue = this.#sender.resendDue(now);
    if (overdue !== undefined) this.#push(overdue);
    return undefined;
  }

  #push(frame: Uint8Array): void {
    // One frame answers most, and a push to an empty array makes room for 17.
    if (this.#outgoing.length === 0) this.#outgoing = [frame];
    else this.#outgoing.push(frame);
  }
}
