import type { ServerResponse } from 'node:http';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createEcs } from '#aws/ecs/ecs.ts';
import { isolateAws, TEST_KEYS } from '#test/aws/environment.ts';
import { startApi } from '#test/aws/fake-api.ts';

const aws = isolateAws();

beforeEach(() => aws.set({ ...TEST_KEYS, AWS_REGION: 'us-east-1' }));

/** An endpoint that begins every answer with `answer`, and counts the requests. */
async function startEndpoint(answer: (response: ServerResponse) => void) {
  let requests = 0;
  const url = await startApi((response) => {
    requests += 1;
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    answer(response);
  });
  return { url, requests: () => requests };
}

describe('the answer of an API', () => {
  it('is read only up to 6 MiB, and not requested again', async () => {
    const { url, requests } = await startEndpoint((response) => {
      const chunk = Buffer.alloc(65_536, ' ');
      const send = () => {
        if (!response.destroyed) response.write(chunk, () => setImmediate(send));
      };
      send();
    });
    await expect(createEcs({ endpointUrl: url }).listClusters()).rejects.toMatchObject({
      code: 'answer-unreadable',
      message: 'The answer of 127.0.0.1 is larger than any answer of AWS.',
      hint: 'Check --endpoint-url and the proxy: this does not look like AWS.',
    });
    expect(requests()).toBe(1);
  });

  it('must be complete within 60 seconds, even if it arrives slowly', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    let hasBegun: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      hasBegun = resolve;
    });
    const { url, requests } = await startEndpoint((response) => response.write('{', hasBegun));
    const asked = createEcs({ endpointUrl: url }).listClusters();
    const failed = expect(asked).rejects.toMatchObject({
      code: 'service-silent',
      message: '127.0.0.1 did not complete its answer within 60 seconds.',
      retryable: true,
    });
    await begun;
    // The client has received the head of the answer.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    for (let step = 0; step < 70; step++) {
      await vi.advanceTimersByTimeAsync(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await failed;
    expect(requests()).toBe(1);
  });
});

it('an API that accepts connections and stays silent fails after three times 20 seconds', async () => {
  const { setTimeout: startTimer } = globalThis;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const endpointUrl = await startApi(() => undefined);
  const slow: string[] = [];
  const ecs = createEcs({ endpointUrl, onSlow: (text) => slow.push(text) });
  const asked = ecs.listClusters();
  const failed = expect(asked).rejects.toMatchObject({
    code: 'endpoint-unreachable',
    message: `No answer from ${endpointUrl}: silence for 20 seconds, 3 times.`,
  });
  let seconds = 0;
  let isOver = false;
  asked.catch(() => {
    isOver = true;
  });
  while (!isOver) {
    await vi.advanceTimersByTimeAsync(500);
    // The socket is real, so it must not lag behind the advanced clock.
    await new Promise((resolve) => startTimer(resolve, 10));
    seconds += 0.5;
  }
  await failed;
  expect(seconds).toBeLessThan(70);
  expect(slow).toEqual(['Still waiting for AWS to answer ListClusters.']);
});
