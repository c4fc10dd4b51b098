import type { ChannelFailure } from './channel-event.ts';
import { acknowledgeFrame, inputFrame } from './client-frames.ts';
import { GapWatch } from './gap-watch.ts';
import type { AgentMessage } from './message.ts';
import { ReliableReceiver } from './reliable-receiver.ts';
import { ReliableSender } from './reliable-sender.ts';

/** S-11. At 80 ms of round trip the larger one allows 13 MB/s, the smaller one 0.8. */
const SEND_WINDOW = { least: 64, most: 1024 };
/** PROTOCOL 4.6: the plugin keeps as many messages out of order, without a limit in bytes. */
const RECEIVE_CAPACITY = { messages: 10_000, bytes: 16 * 1024 * 1024 };
/** S-10. */
const UNANSWERED_LIMIT_MS = 300_000;
/** After the service has announced a pause of the agent (M-5) and stayed silent this long, the agent will not return. */
const PAUSE_LIMIT_MS = 600_000;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * The reasons why no timer runs: the service reports that the agent is away (M-5), we do not read (S-6), or there is
 * no websocket (S-9). Each one ends separately.
 */
type PauseReason = 'agent-away' | 'not-reading' | 'no-socket';

/**
 * The client's numbered messages in both directions: sends them until they are acknowledged, and delivers them in
 * order. Does not look into them.
 */
export class ReliableLink {
  readonly #sender = new ReliableSender({ window: SEND_WINDOW, backOff: true });
  readonly #receiver = new ReliableReceiver(RECEIVE_CAPACITY);
  readonly #gap = new GapWatch();
  readonly #pauses = new Set<PauseReason>();
  #pauseDeadline = NEVER;
  #outgoing: Uint8Array[] = [];

  /** More may be sent (S-11). */
  get hasRoom(): boolean {
    return this.#sender.hasRoom;
  }

  /** Everything that was sent has been acknowledged. */
  get isAnswered(): boolean {
    return this.#sender.isEmpty;
  }

  /** A message is missing while later ones have arrived. */
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
    // S-5: at once, and again for duplicates; this lets the agent end its exit drain early.
    this.#push(acknowledgeFrame(message, now));
    this.#gap.look(this.#receiver, now);
  }

  /** The next message in order, each once; undefined while it is missing. */
  take(now: number): AgentMessage | undefined {
    const message = this.#receiver.take();
    if (message !== undefined) this.#gap.look(this.#receiver, now);
    return message;
  }

  /** The service has announced that the agent is away (M-5). */
  pause(now: number): void {
    this.#pause('agent-away');
    this.#pauseDeadline = now + PAUSE_LIMIT_MS;
  }

  /** M-5: any message of the agent ends a pause that the service announced. */
  unpause(now: number): void {
    if (this.#pauses.size > 0) this.#unpause('agent-away', now);
  }

  /** The websocket is gone: missing answers are not the peer's fault (S-9). */
  suspend(): void {
    this.#pause('no-socket');
  }

  /** We stopped reading (S-6): silence is not the peer's fault. */
  pauseReceiving(): void {
    this.#pauseDeadline = NEVER;
    this.#pause('not-reading');
  }

  resumeReceiving(now: number): void {
    // The unread data may contain the message that ends the agent's pause.
    if (this.#pauses.has('agent-away')) this.#pauseDeadline = now + PAUSE_LIMIT_MS;
    this.#unpause('not-reading', now);
  }

  /** Resends unacknowledged messages on a new websocket (S-14), and drops acks for the old one. */
  restart(now: number): void {
    for (const reason of [...this.#pauses]) this.#unpause(reason, now);
    this.#outgoing = [...this.#sender.resendAll(now)];
  }

  #pause(reason: PauseReason): void {
    this.#pauses.add(reason);
    this.#sender.pause();
    this.#gap.stop();
  }

  #unpause(reason: PauseReason, now: number): void {
    if (!this.#pauses.delete(reason)) return;
    if (reason === 'agent-away') this.#pauseDeadline = NEVER;
    if (this.#pauses.size > 0) return;
    this.#sender.unpause(now);
    this.#gap.look(this.#receiver, now);
  }

  /** Drops queued acks: an unreadable message must not be acknowledged (4.4). */
  dropOutgoing(): void {
    this.#outgoing = [];
  }

  takeOutgoing(): readonly Uint8Array[] {
    const frames = this.#outgoing;
    if (frames.length > 0) this.#outgoing = [];
    return frames;
  }

  nextDeadline(): number {
    return Math.min(
      this.#sender.nextDeadline() ?? NEVER,
      this.#gap.deadline ?? NEVER,
      this.#pauseDeadline,
    );
  }

  /** Resends what is due, or returns the reason why the session cannot continue. */
  tick(now: number): ChannelFailure | undefined {
    if (now >= (this.#gap.deadline ?? NEVER)) {
      const message = 'part of the output was lost on the way and did not come again';
      return { reason: 'gap', message };
    }
    if (now >= this.#pauseDeadline) {
      return { reason: 'unanswered', message: 'the container has been away for ten minutes' };
    }
    if (this.#sender.unansweredFor(now) >= UNANSWERED_LIMIT_MS) {
      return { reason: 'unanswered', message: 'the container has not answered for five minutes' };
    }
    const overdue = this.#sender.resendDue(now);
    if (overdue !== undefined) this.#push(overdue);
    return undefined;
  }

  #push(frame: Uint8Array): void {
    // Most calls return one frame, and a push to an empty array allocates room for 17.
    if (this.#outgoing.length === 0) this.#outgoing = [frame];
    else this.#outgoing.push(frame);
  }
}
