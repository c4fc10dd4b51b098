import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { BoundedHandler } from '#aws/call/bounded-handler.ts';
import { createIdentity } from '#aws/call/identity.ts';
import { createLogEvents } from '#aws/log-events.ts';
import { isolateAws, TEST_KEYS } from './environment.ts';
import { startApi, startJsonApi } from './fake-api.ts';

const aws = isolateAws();

beforeEach(() => aws.set({ ...TEST_KEYS, AWS_REGION: 'us-east-1' }));

function logsAt(endpointUrl: string) {
  const config = { endpointUrl };
  return createLogEvents(config, createIdentity(config));
}

async function startStream(write: (chunk: (bytes: Uint8Array) => void) => void): Promise<string> {
  return startApi((response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    write((bytes) => response.write(bytes));
  });
}

async function readLive(url: string): Promise<readonly unknown[]> {
  const query = { groups: ['g'], streamPrefixes: [], pattern: undefined };
  const updates: unknown[] = [];
  for await (const update of logsAt(url).live(query, new AbortController().signal)) {
    updates.push(update);
  }
  return updates;
}

describe('log events', () => {
  it.each([
    ['time', { timestamp: 1e300, message: 'm' }],
    ['string as time', { timestamp: 'now', message: 'm' }],
    ['message', { timestamp: 1, message: { toString: 1 } }],
  ])('with an impossible %s are refused', async (_, event) => {
    const url = await startJsonApi({ events: [{ eventId: '1', logStreamName: 's', ...event }] });
    const pages = logsAt(url).filter({ group: 'g', streams: ['s'] });
    await expect(pages[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'answer-unreadable',
    });
  });
});

describe('Live Tail', () => {
  it('explains a refused start, which returns no stream', async () => {
    const text = JSON.stringify({
      __type: 'AccessDeniedException',
      message: 'User: me is not authorized to perform: logs:StartLiveTail',
    });
    const url = await startApi((response) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(text);
    });
    await expect(readLive(url)).rejects.toMatchObject({
      code: 'access-denied',
      deniedAction: 'logs:StartLiveTail',
    });
  });

  // With a length of 0 the SDK's own parser loops forever, with 4 GB it fills the memory.
  it.each([0, 3, 0xffff_ffff])('refuses an event that claims %i bytes', async (length) => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32BE(length);
    const url = await startStream((write) => write(bytes));
    await expect(readLive(url)).rejects.toMatchObject({ code: 'answer-unreadable' });
  });
});

describe('a stream of events', () => {
  async function openStream() {
    let send: (bytes: Uint8Array) => void = () => undefined;
    const url = new URL(
      await startStream((write) => {
        send = write;
        write(message());
      }),
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { HttpRequest } = await import('@smithy/core/protocols');
    const { hostname, port } = url;
    const request = new HttpRequest({
      protocol: 'http:',
      method: 'POST',
      hostname,
      port: Number(port),
    });
    const options: { isEventStream: boolean; requestTimeout?: number } = { isEventStream: true };
    const { response } = await new BoundedHandler().handle(request, options);
    const chunks = response.body[Symbol.asyncIterator]();
    return { next: () => chunks.next(), send: () => send(message()) };
  }

  function message(): Buffer {
    const bytes = Buffer.alloc(16);
    bytes.writeUInt32BE(16);
    return bytes;
  }

  it('may last longer than other answers, as long as data arrives', async () => {
    const { next, send } = await openStream();
    for (let minute = 0; minute < 5; minute++) {
      expect(await next()).toMatchObject({ done: false });
      await vi.advanceTimersByTimeAsync(50_000);
      send();
    }
  });

  it('ends after 60 seconds of silence', async () => {
    const { next } = await openStream();
    await next();
    const ended = expect(next()).rejects.toMatchObject({ code: 'service-silent' });
    await vi.advanceTimersByTimeAsync(61_000);
    await ended;
  });
});
