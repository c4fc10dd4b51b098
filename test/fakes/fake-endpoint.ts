import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import { portOf } from '#test/helpers/private-ca.ts';

export interface EndpointRequest {
  readonly method: string;
  readonly path: string;
  /** The operation, in any protocol. */
  readonly operation: string;
  readonly body: string;
}

export interface EndpointAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An AWS endpoint of any protocol on loopback for the running test. */
export async function startEndpoint(
  answer: (request: EndpointRequest, count: number) => EndpointAnswer,
): Promise<{ readonly url: string; readonly requests: readonly EndpointRequest[] }> {
  const requests: EndpointRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const { method = '', url: path = '' } = incoming;
    const target = String(incoming.headers['x-amz-target'] ?? '');
    const operation = target.split('.').at(-1) || (new URLSearchParams(body).get('Action') ?? '');
    const request = { method, path, operation, body };
    requests.push(request);
    const reply = answer(request, requests.length);
    outgoing.writeHead(reply.status ?? 200, reply.headers ?? {});
    outgoing.end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${portOf(server.address())}`, requests };
}
