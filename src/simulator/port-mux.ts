import type { Socket } from 'node:net';
import { PayloadType } from '../protocol/message.ts';
import { sleep } from './clock.ts';
import { PortFlag, readFlag, STREAM_DATA_LENGTH, sendFlag } from './port-flag.ts';
import { type Dial, writeSurely } from './port-socket.ts';
import type { PluginContext } from './session-plugin.ts';
import { SmuxServer } from './smux-server.ts';
import type { SmuxStream } from './smux-stream.ts';

export interface MuxOptions {
  readonly dial: Dial;
  /** Each side decides by the version of the other (PROTOCOL 7.2). */
  readonly isKeptAlive: boolean;
}

/**
 * Carries any number of connections until the client ends the session, or breaks it (PROTOCOL 7.3;
 * the agent's `port_mux.go`).
 */
export async function forwardMultiplexed(
  context: PluginContext,
  { dial, isKeptAlive }: MuxOptions,
): Promise<void> {
  const { channel, clock } = context;
  const over = new AbortController();
  const end = () => over.abort();
  context.signal.addEventListener('abort', end);
  const streams = new StreamQueue();
  const server = new SmuxServer((stream) => streams.add(stream));
  if (isKeptAlive) server.keepAlive(clock, over.signal);
  over.signal.addEventListener('abort', () => {
    server.close();
    streams.close();
  });
  const ended = new Promise<void>((resolve) => {
    channel.handle('default', async ({ payloadType, payload }) => {
      if (payloadType === PayloadType.output) await server.receive(payload);
      const isEnd = payloadType === PayloadType.flag && readFlag(payload) === PortFlag.terminate;
      if (isEnd) resolve();
      return 'processed';
    });
  });
  void connectStreams(streams, dial, { ...context, signal: over.signal });
  await Promise.race([ended, pump(server, { ...context, signal: over.signal })]);
  end();
  context.signal.removeEventListener('abort', end);
}

/** Streams in the order in which they were opened. */
class StreamQueue {
  readonly #streams: SmuxStream[] = [];
  #isClosed = false;
  #wakeUp: () => void = () => undefined;

  add(stream: SmuxStream): void {
    this.#streams.push(stream);
    this.#wakeUp();
  }

  close(): void {
    this.#isClosed = true;
    this.#wakeUp();
  }

  async next(): Promise<SmuxStream | undefined> {
    while (this.#streams.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wakeUp = resolve;
      });
    }
    return this.#isClosed ? undefined : this.#streams.shift();
  }
}

/** One dial after the other: a port that does not answer keeps later connections waiting too. */
async function connectStreams(
  streams: StreamQueue,
  dial: Dial,
  { channel, log, signal }: PluginContext,
): Promise<void> {
  for (let stream = await streams.next(); stream; stream = await streams.next()) {
    try {
      const socket = await dial();
      signal.addEventListener('abort', () => socket.destroy());
      if (signal.aborted) socket.destroy();
      void fromPort(socket, stream);
      void toPort(stream, socket);
    } catch (error) {
      log(`agent: cannot connect to the port: ${error instanceof Error ? error.message : error}`);
      // It does not say which stream is meant.
      sendFlag(channel, PortFlag.connectError);
      stream.close();
    }
  }
}

/** The end of either direction is the end of both. */
async function fromPort(socket: Socket, stream: SmuxStream): Promise<void> {
  try {
    for await (const data of socket) await stream.write(data);
  } catch {
    // A reset is an end as any other, and so is a session that is over.
  }
  stream.close();
}

async function toPort(stream: SmuxStream, socket: Socket): Promise<void> {
  try {
    await stream.copyTo((data) => writeSurely(socket, data));
  } catch {
    // The port has closed the connection: the other direction sees it too.
  }
  socket.destroy();
}

/** What the smux server sends, cut without regard to its frames; nothing while no client is there. */
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
