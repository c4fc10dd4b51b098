import type { Clock } from '#domain/ports/system-ports.ts';
import { PayloadType } from '#protocol/message.ts';
import { sleep } from '#simulator/clock.ts';
import type { PtyMaster } from '#simulator/container/pty-master.ts';
import type { AgentChannel } from './agent-channel.ts';
import type { AgentTimings } from './agent-link.ts';
import { Utf8HoldBack } from './utf8-hold-back.ts';

/** PROTOCOL 8.6 item 2. */
const READ_LENGTH = 1024;

export interface OutputPumpOptions {
  readonly terminal: PtyMaster;
  readonly channel: AgentChannel;
  readonly clock: Clock;
  readonly timings: AgentTimings;
  readonly signal: AbortSignal;
  /** Called with output as the terminal returned it. */
  readonly onOutput: (chunk: Uint8Array) => void;
}

/**
 * Moves output from the terminal to the channel until the terminal ends. It starts late, works slowly, and stops
 * while no client is connected, so that even the end of the command goes unnoticed (PROTOCOL 8.6, 4.10).
 */
export async function pumpOutput(options: OutputPumpOptions): Promise<void> {
  const { terminal, channel, clock, timings, signal, onOutput } = options;
  const holdBack = new Utf8HoldBack();
  await sleep(clock, timings.outputDelayMs, signal);
  let unread: Buffer = Buffer.alloc(0);
  while (!signal.aborted) {
    await channel.whenActive(signal);
    if (unread.length === 0) {
      const chunk = await terminal.read();
      if (chunk === undefined) return;
      onOutput(chunk);
      unread = chunk;
    }
    channel.send(PayloadType.output, holdBack.push(unread.subarray(0, READ_LENGTH)));
    unread = unread.subarray(READ_LENGTH);
    await sleep(clock, timings.paceMs, signal);
  }
}
