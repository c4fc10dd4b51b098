import type { Socket } from 'node:net';
import { PayloadType } from '#protocol/message.ts';
import type { InputOutcome } from '#simulator/agent/agent-channel.ts';
import type { ReceivedFrame } from '#simulator/agent/agent-frame.ts';
import { crashWorker, type PluginContext } from '#simulator/agent/session-plugin.ts';
import { aborted, sleep } from '#simulator/clock.ts';
import { PortFlag, readFlag, STREAM_DATA_LENGTH } from './port-flag.ts';
import { type Dial, writeSurely } from './port-socket.ts';

/**
 * Carries one connection at a time with its bytes unchanged, for clients without multiplexing (PROTOCOL 7.4; the
 * agent's `port_basic.go`). Resolves with the `Output` of `channel_closed`.
 *
 * @param isReopened whether data after the end of a connection opens the next one; if not, the session ends with
 *   the connection (AWS-StartSSHSession)
 */
export async function forwardBasic(
  context: PluginContext,
  dial: Dial,
  isReopened: boolean,
): Promise<string> {
  const socket = await dial().catch(() => undefined);
  // Observed: the real agent closes a connection that was never opened.
  if (socket === undefined) return crashWorker(context);
  await new BasicSession(context, dial, socket).run(isReopened);
  return '';
}

class BasicSession {
  readonly #context: PluginContext;
  readonly #dial: Dial;
  #socket: Socket;
  /** The connection has ended; data from the client opens the next one. */
  #reconnected: (() => void) | undefined;
  #end: () => void = () => undefined;

  constructor(context: PluginContext, dial: Dial, socket: Socket) {
    this.#context = context;
    this.#dial = dial;
    this.#socket = socket;
  }

  async run(isReopened: boolean): Promise<void> {
    const { channel, signal } = this.#context;
    const ended = new Promise<void>((resolve) => {
      this.#end = resolve;
    });
    channel.handle('default', (frame) => this.#take(frame));
    void this.#pump(isReopened);
    await Promise.race([ended, aborted(signal)]);
    this.#socket.destroy();
  }

  async #take({ payloadType, payload }: ReceivedFrame): Promise<InputOutcome> {
    if (payloadType === PayloadType.output) {
      await this.#reconnect();
      await writeSurely(this.#socket, payload);
    }
    if (payloadType === PayloadType.flag) {
      const flag = readFlag(payload);
      if (flag === PortFlag.disconnect) this.#socket.destroy();
      if (flag === PortFlag.terminate) this.#end();
    }
    return 'processed';
  }

  async #reconnect(): Promise<void> {
    if (this.#reconnected === undefined) return;
    try {
      this.#socket = await this.#dial();
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#reconnected();
    this.#reconnected = undefined;
  }

  async #pump(isReopened: boolean): Promise<void> {
    const { signal } = this.#context;
    while (!signal.aborted) {
      await this.#pumpOne(this.#socket);
      this.#socket.destroy();
      if (!isReopened) this.#end();
      await new Promise<void>((resolve) => {
        this.#reconnected = resolve;
      });
    }
  }

  async #pumpOne(socket: Socket): Promise<void> {
    const { channel, clock, timings, signal } = this.#context;
    try {
      for await (const data of socket) {
        for (let start = 0; start < data.length; start += STREAM_DATA_LENGTH) {
          await channel.whenActive(signal);
          channel.send(PayloadType.output, data.subarray(start, start + STREAM_DATA_LENGTH));
          await sleep(clock, timings.paceMs, signal);
        }
      }
    } catch {
      // A reset counts as an end.
    }
  }
}
