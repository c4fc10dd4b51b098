import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Starts an endpoint on this machine that answers every request with `answer`. @returns its URL */
export async function startApi(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    request.resume();
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** An endpoint that answers every call with this JSON. */
export function startJsonApi(body: unknown): Promise<string> {
  return startApi((response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(body));
  });
}
