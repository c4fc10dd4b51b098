import type { Clock } from '#domain/ports/system-ports.ts';
import { MessageType } from '#protocol/message.ts';
import type { Faults } from '#simulator/gateway/faults.ts';
import { messageTypeOf } from '#simulator/gateway/service-frames.ts';
import type { AgentReceiver } from './agent-link.ts';

/** When a requested cut happens: at once, or just before the next acknowledgement of input. */
export type CutMoment = 'now' | 'acknowledgement';

export interface AgentSocketOptions {
  readonly receiver: AgentReceiver;
  readonly clock: Clock;
  readonly faults: () => Faults;
  readonly random: () => number;
  readonly onFrame: (frame: Uint8Array) => void;
  readonly onBroken: () => void;
  /** The agent has connected again after a cut. */
  readonly onConnected: () => void;
}

/**
 * The agent's websocket. While it is disconnected, frames in both directions are lost, and both peers resend
 * unacknowledged frames.
 */
export class AgentSocket {
  readonly #options: AgentSocketOptions;
  #isConnected = true;
  #isCutAtAcknowledgement = false;
  #cancelReconnect: () => void = () => undefined;

  constructor(options: AgentSocketOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Delivers a frame to the agent. */
  receive(frame: Uint8Array): void {
    if (this.#isConnected) this.#options.receiver.receive(frame);
  }

  /** Accepts a frame from the agent; false if the frame is lost. */
  send(frame: Uint8Array): boolean {
    if (messageTypeOf(frame) === MessageType.acknowledge) this.#cutIfDue();
    if (!this.#isConnected) return false;
    this.#options.onFrame(frame);
    return true;
  }

  cut(moment: CutMoment): void {
    if (moment === 'acknowledgement') this.#isCutAtAcknowledgement = true;
    else this.#break();
  }

  /** Ends the socket permanently. */
  close(): void {
    this.#isConnected = false;
    this.#cancelReconnect();
  }

  #cutIfDue(): void {
    const { faults, random } = this.#options;
    const { agentCut } = faults();
    const isDue = this.#isCutAtAcknowledgement || (agentCut > 0 && random() < agentCut);
    if (isDue) this.#break();
  }

  #break(): void {
    if (!this.#isConnected) return;
    const { clock, faults, onBroken, onConnected } = this.#options;
    this.#isConnected = false;
    this.#isCutAtAcknowledgement = false;
    this.#cancelReconnect = clock.after(faults().agentAwayMs, () => {
      this.#isConnected = true;
      onConnected();
    });
    onBroken();
  }
}
