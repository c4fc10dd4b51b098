import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface FakeRequest {
  /** `ListTasks` of `x-amz-target: AmazonEC2ContainerServiceV20141113.ListTasks`. */
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly authorization: string;
}

export interface FakeAnswer {
  readonly status?: number;
  readonly body: unknown;
}

export interface FakeAws {
  readonly url: string;
  readonly requests: readonly FakeRequest[];
}

/** An AWS JSON 1.1 endpoint on loopback for the running test; 'drop' closes the connection. */
export async function startFakeAws(
  answer: (request: FakeRequest, count: number) => FakeAnswer | 'drop',
): Promise<FakeAws> {
  const requests: FakeRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = {
        operation: String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '',
        input: JSON.parse(Buffer.concat(chunks).toString() || '{}'),
        authorization: incoming.headers.authorization ?? '',
      };
      requests.push(request);
      const reply = answer(request, requests.length);
      if (reply === 'drop') return incoming.socket.destroy();
      outgoing.writeHead(reply.status ?? 200, { 'content-type': 'application/x-amz-json-1.1' });
      const { body } = reply;
      return outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests };
}

/** An error in the format of AWS JSON 1.1. */
export function failure(type: string, message: string, status = 400): FakeAnswer {
  return { status, body: { __type: `com.amazonaws.ecs#${type}`, message } };
}
