import type { Clock } from '#domain/ports/system-ports.ts';
import { MessageType, PayloadType } from '#protocol/message.ts';
import { sleep } from '#simulator/clock.ts';
import type { AgentCipher } from './agent-cipher.ts';
import { type ReceivedFrame, readAgentFrame } from './agent-frame.ts';
import type { AgentLink, AgentTimings } from './agent-link.ts';
import { acknowledgeMessage, outputMessage, sessionStateMessage } from './agent-message.ts';
import { AgentOutbox } from './agent-outbox.ts';
import { readAcknowledgedNumber } from './agent-payload.ts';

/** PROTOCOL 4.6. */
const INCOMING_CAPACITY = 100_000;
const DRAIN_POLL_MS = 10;

/** Result of handling an input message. If the handler throws, the message stays unacknowledged (4.4). */
export type InputOutcome = 'processed' | 'not-ready';
export type InputHandler = (frame: ReceivedFrame) => Promise<InputOutcome>;

/** `handshaking`: input is acknowledged and discarded. `open`: it goes to the program (4.3). */
type Phase = 'handshaking' | 'open';

export interface AgentChannelOptions {
  readonly link: AgentLink;
  readonly clock: Clock;
  readonly timings: AgentTimings;
  readonly log: (line: string) => void;
  /** `channel_closed` arrived over the data channel. */
  readonly onCancel: () => void;
}

/**
 * The agent's end of a data channel. It orders, acknowledges, resends and pauses like the real agent (PROTOCOL
 * 4.3 to 4.6), including its defects.
 */
export class AgentChannel {
  readonly #options: AgentChannelOptions;
  readonly #outbox = new AgentOutbox();
  readonly #inbox: Uint8Array[] = [];
  readonly #stored = new Map<number, ReceivedFrame>();
  readonly #closing = new AbortController();
  readonly #handlers = new Map<number, InputHandler>();
  #expected = 0;
  #phase: Phase = 'handshaking';
  #isPaused = false;
  #isDeaf = false;
  #isBusy = false;
  #wakeUp: (() => void) | undefined;
  /** Set when a handshake with encryption starts, before there is a key (4.3). */
  cipher: AgentCipher | undefined;

  constructor(options: AgentChannelOptions) {
    this.#options = options;
    this.#scheduleResend();
  }

  /** Frames that wait because the program does not read its input (S-11). */
  get backlog(): number {
    return this.#inbox.length;
  }

  /** `default` handles payload types without their own handler. */
  handle(payloadType: number | 'default', handler: InputHandler): void {
    this.#handlers.set(payloadType === 'default' ? -1 : payloadType, handler);
  }

  /** The handshake is over, or there is none. */
  open(): void {
    this.#phase = 'open';
  }

  receive(data: Uint8Array): void {
    if (this.#isDeaf || this.#closing.signal.aborted) return;
    this.#inbox.push(data);
    if (!this.#isBusy) void this.#work();
  }

  /** Numbers, stores and sends a stream message; while paused, only stores it (3.3). Does not send empty messages. */
  send(payloadType: number, payload: Uint8Array): void {
    if (payload.length === 0 || this.#closing.signal.aborted) return;
    const isOutput = payloadType === PayloadType.output;
    const body = isOutput && this.cipher !== undefined ? this.cipher.encrypt(payload) : payload;
    const now = this.#options.clock.now();
    const sequenceNumber = this.#outbox.nextSequenceNumber;
    const frame = outputMessage({ sequenceNumber, payloadType, payload: body }, now);
    this.#outbox.add(frame, now);
    if (!this.#isPaused) this.#options.link.send(frame);
  }

  /** `agent_session_state` (3.8). */
  sendState(sessionId: string, state: 'Connected' | 'Terminating'): void {
    if (this.#closing.signal.aborted) return;
    this.#options.link.send(sessionStateMessage(sessionId, state, this.#options.clock.now()));
  }

  /** Resolves when a client is connected; the agent reads no output before that (8.6 item 7). */
  async whenActive(signal: AbortSignal): Promise<void> {
    while (this.#isPaused && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wakeUp = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    await this.#options.link.whenWritable();
  }

  /** Resolves when everything is acknowledged, or after the limit (4.8). */
  async drain(): Promise<void> {
    const { clock, timings } = this.#options;
    const end = clock.now() + timings.drainMs;
    while (!this.#outbox.isEmpty && clock.now() < end && !this.#closing.signal.aborted) {
      await sleep(clock, DRAIN_POLL_MS, this.#closing.signal);
    }
  }

  close(): void {
    this.#closing.abort();
    this.#options.link.close();
  }

  /** The real agent handles one frame at a time, so a program that does not read blocks them all. */
  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let data = this.#inbox.shift(); data !== undefined; data = this.#inbox.shift()) {
      await this.#read(data);
      if (this.#isDeaf || this.#closing.signal.aborted) this.#inbox.length = 0;
    }
    this.#isBusy = false;
  }

  async #read(data: Uint8Array): Promise<void> {
    const reading = readAgentFrame(data);
    if (reading.kind !== 'frame') {
      this.#options.log(`agent: frame ${reading.kind}: ${reading.reason}`);
      this.#isDeaf = reading.kind === 'fatal';
      return;
    }
    const { frame } = reading;
    switch (frame.messageType) {
      case MessageType.input:
        this.#resume();
        return this.#takeInput(frame);
      case MessageType.acknowledge:
        this.#resume();
        return this.#takeAcknowledgement(frame);
      case MessageType.startPublication:
        return this.#resume();
      case MessageType.pausePublication:
        this.#isPaused = true;
        return;
      case MessageType.channelClosed:
        return this.#options.onCancel();
      default:
        this.#options.log(`agent: unknown message type ${frame.messageType}`);
    }
  }

  #resume(): void {
    this.#isPaused = false;
    this.#wakeUp?.();
  }

  #takeAcknowledgement({ payload }: ReceivedFrame): void {
    try {
      this.#outbox.acknowledge(readAcknowledgedNumber(payload), this.#options.clock.now());
    } catch (error) {
      this.#options.log(`agent: bad acknowledgement: ${describe(error)}`);
    }
  }

  /** The table of PROTOCOL 4.4. */
  async #takeInput(frame: ReceivedFrame): Promise<void> {
    if (frame.sequenceNumber < this.#expected) {
      this.#acknowledge(frame);
      return;
    }
    if (frame.sequenceNumber > this.#expected) {
      if (this.#stored.size >= INCOMING_CAPACITY) return;
      this.#acknowledge(frame);
      this.#stored.set(frame.sequenceNumber, frame);
      return;
    }
    if (!(await this.#process(frame))) return;
    // S-8a: the message is written, then acknowledged, then counted. If the acknowledgement cannot be
    // sent, the message is not counted, and a resend of it is written a second time.
    if (!this.#acknowledge(frame)) return;
    this.#expected += 1;
    await this.#processStored();
  }

  /** A stored message that fails stays in place, acknowledged, and blocks input forever. */
  async #processStored(): Promise<void> {
    for (;;) {
      const frame = this.#stored.get(this.#expected);
      if (frame === undefined || !(await this.#process(frame))) return;
      this.#stored.delete(this.#expected);
      this.#expected += 1;
    }
  }

  async #process(received: ReceivedFrame): Promise<boolean> {
    try {
      const frame = this.#decrypt(received);
      const special = this.#handlers.get(frame.payloadType);
      if (special !== undefined) return (await special(frame)) === 'processed';
      if (this.#phase === 'handshaking') return true;
      const outcome = await this.#handlers.get(-1)?.(frame);
      return outcome === 'processed';
    } catch (error) {
      this.#options.log(`agent: input ${received.sequenceNumber} failed: ${describe(error)}`);
      return false;
    }
  }

  #decrypt(frame: ReceivedFrame): ReceivedFrame {
    if (this.cipher === undefined || frame.payloadType !== PayloadType.output) return frame;
    return { ...frame, payload: this.cipher.decrypt(frame.payload) };
  }

  /** False if the acknowledgement could not be sent. */
  #acknowledge(frame: ReceivedFrame): boolean {
    if (this.#closing.signal.aborted) return false;
    return this.#options.link.send(acknowledgeMessage(frame, this.#options.clock.now()));
  }

  #scheduleResend(): void {
    const { clock, timings, link } = this.#options;
    const cancel = clock.after(timings.resendTickMs, () => {
      this.#closing.signal.removeEventListener('abort', cancel);
      const frame = this.#isPaused ? undefined : this.#outbox.due(clock.now());
      if (frame !== undefined) link.send(frame);
      if (!this.#closing.signal.aborted) this.#scheduleResend();
    });
    this.#closing.signal.addEventListener('abort', cancel);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
