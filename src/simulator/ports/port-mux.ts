import type { Socket } from 'node:net';
import { PayloadType } from '#protocol/message.ts';
import type { PluginContext } from '#simulator/agent/session-plugin.ts';
import { aborted, sleep } from '#simulator/clock.ts';
import { PortFlag, readFlag, STREAM_DATA_LENGTH, sendFlag } from './port-flag.ts';
import { type Dial, writeSurely } from './port-socket.ts';
import { SmuxServer } from './smux-server.ts';
import type { SmuxStream } from './smux-stream.ts';

export interface MuxOptions {
  readonly dial: Dial;
  /** Each side decides by the other side's version (PROTOCOL 7.2). */
  readonly isKeptAlive: boolean;
}

/**
 * Carries any number of connections until the client ends the session or violates the protocol (PROTOCOL 7.3;
 * the agent's `port_mux.go`).
 */
export async function forwardMultiplexed(
  context: PluginContext,
  { dial, isKeptAlive }: MuxOptions,
): Promise<void> {
  const over = new AbortController();
  const connections = new Connections(context, dial);
  const server = new SmuxServer((stream) => connections.open(stream));
  if (isKeptAlive) server.keepAlive(context.clock, over.signal);
  await Promise.race([
    terminated(context, server),
    pump(server, { ...context, signal: over.signal }),
    aborted(context.signal),
  ]);
  over.abort();
  server.close();
  connections.close();
}

/** Receives the client's bytes; resolves when it ends the session. */
function terminated({ channel }: PluginContext, server: SmuxServer): Promise<void> {
  return new Promise((resolve) => {
    channel.handle('default', async ({ payloadType, payload }) => {
      if (payloadType === PayloadType.output) await server.receive(payload);
      const isEnd = payloadType === PayloadType.flag && readFlag(payload) === PortFlag.terminate;
      if (isEnd) resolve();
      return 'processed';
    });
  });
}

/** Sends the smux server's bytes in chunks that ignore frame limits; pauses while no client is connected. */
async function pump(
  server: SmuxServer,
  { channel, clock, timings, signal }: PluginContext,
): Promise<void> {
  while (!signal.aborted) {
    await channel.whenActive(signal);
    const data = await server.read(STREAM_DATA_LENGTH);
    if (data === undefined) return;
    channel.send(PayloadType.output, data);
    if (server.isBroken) return;
    await sleep(clock, timings.paceMs, signal);
  }
}

/** The connections to the port, one for each stream. */
class Connections {
  readonly #context: PluginContext;
  readonly #dial: Dial;
  readonly #sockets = new Set<Socket>();
  #isClosed = false;
  /** Dials one at a time: a port that does not respond delays later streams too. */
  #dialled = Promise.resolve();

  constructor(context: PluginContext, dial: Dial) {
    this.#context = context;
    this.#dial = dial;
  }

  open(stream: SmuxStream): void {
    this.#dialled = this.#dialled.then(() => this.#connect(stream));
  }

  close(): void {
    this.#isClosed = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #connect(stream: SmuxStream): Promise<void> {
    if (this.#isClosed) return;
    const { channel, log } = this.#context;
    try {
      const socket = await this.#dial();
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      if (this.#isClosed) socket.destroy();
      void fromPort(socket, stream);
      void toPort(stream, socket);
    } catch (error) {
      log(`agent: cannot connect to the port: ${error instanceof Error ? error.message : error}`);
      // The flag does not name a stream.
      sendFlag(channel, PortFlag.connectError);
      stream.close();
    }
  }
}

/** If either direction ends, both are closed. */
async function fromPort(socket: Socket, stream: SmuxStream): Promise<void> {
  try {
    for await (const data of socket) await stream.write(data);
  } catch {
    // A reset, or the end of the session, counts as a normal end.
  }
  stream.close();
}

async function toPort(stream: SmuxStream, socket: Socket): Promise<void> {
  try {
    await stream.copyTo((data) => writeSurely(socket, data));
  } catch {
    // The port has closed the connection, so the other direction ends too.
  }
  socket.destroy();
}
