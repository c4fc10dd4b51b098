import type { Socket } from 'node:net';
import { PayloadType } from '../protocol/message.ts';
import type { InputOutcome } from './agent-channel.ts';
import type { ReceivedFrame } from './agent-frame.ts';
import { aborted, sleep } from './clock.ts';
import { PortFlag, readFlag, STREAM_DATA_LENGTH } from './port-flag.ts';
import { type Dial, writeSurely } from './port-socket.ts';
import type { PluginContext } from './session-plugin.ts';

/**
 * One connection at a time, its bytes as they are: what clients without multiplexing get (PROTOCOL 7.4;
 * the agent's `port_basic.go`). Resolves with the `Output` of `channel_closed`.
 */
export async function forwardBasic(context: PluginContext, dial: Dial): Promise<string> {
  try {
    const session = new BasicSession(context, dial, await dial());
    return await session.run();
  } catch (error) {
    return `Unable to connect to specified port: ${error instanceof Error ? error.message : error}`;
  }
}

class BasicSession {
  readonly #context: PluginContext;
  readonly #dial: Dial;
  #socket: Socket;
  /** The connection has ended; data from the client opens the next one. */
  #reconnected: (() => void) | undefined;
  #fail: (error: unknown) => void = () => undefined;
  #terminate: () => void = () => undefined;

  constructor(context: PluginContext, dial: Dial, socket: Socket) {
    this.#context = context;
    this.#dial = dial;
    this.#socket = socket;
  }

  async run(): Promise<string> {
    const { channel, signal } = this.#context;
    const ended = new Promise<void>((resolve) => {
      this.#terminate = resolve;
    });
    const failed = new Promise<void>((resolve) => {
      this.#fail = () => resolve();
    });
    channel.handle('default', (frame) => this.#take(frame));
    void this.#pump();
    await Promise.race([ended, failed, aborted(signal)]);
    this.#terminate = () => undefined;
    this.#socket.destroy();
    return '';
  }

  async #take({ payloadType, payload }: ReceivedFrame): Promise<InputOutcome> {
    if (payloadType === PayloadType.output) {
      await this.#reconnect();
      await writeSurely(this.#socket, payload);
    }
    if (payloadType === PayloadType.flag) {
      const flag = readFlag(payload);
      if (flag === PortFlag.disconnect) this.#socket.destroy();
      if (flag === PortFlag.terminate) this.#terminate();
    }
    return 'processed';
  }

  async #reconnect(): Promise<void> {
    if (this.#reconnected === undefined) return;
    try {
      this.#socket = await this.#dial();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    this.#reconnected();
    this.#reconnected = undefined;
  }

  async #pump(): Promise<void> {
    const { signal } = this.#context;
    while (!signal.aborted) {
      await this.#pumpOne(this.#socket);
      this.#socket.destroy();
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
      // A reset is an end as any other.
    }
  }
}
