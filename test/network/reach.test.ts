import { rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createAgents } from '#network/agents.ts';
import { reach } from '#network/reach.ts';
import { startFakeProxy } from '#test/fakes/fake-proxy.ts';
import {
  createHelloServer,
  createPrivateCa,
  hasOpenssl,
  type PrivateCa,
  portOf,
} from '#test/helpers/private-ca.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

const folder = temporaryFolder('reach');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!hasOpenssl)('a host', () => {
  let ca: PrivateCa;

  beforeAll(() => {
    ca = createPrivateCa(folder);
  });

  async function listen(server: Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    onTestFinished(() => {
      server.close();
    });
    return portOf(server.address());
  }

  it('is reached over TLS', async () => {
    const port = await listen(createHelloServer(ca));
    const { httpsAgent } = await createAgents({ env: {}, caBundle: ca.file });
    await expect(reach('127.0.0.1', port, httpsAgent)).resolves.toBeUndefined();
  });

  it('is reached through the proxy', async () => {
    const port = await listen(createHelloServer(ca));
    const proxy = await startFakeProxy();
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    const { httpsAgent } = await createAgents({ env, caBundle: ca.file });
    await reach('127.0.0.1', port, httpsAgent);
    expect(proxy.requests).toEqual([`CONNECT 127.0.0.1:${port}`]);
  });

  it('that the proxy refuses is not reached', async () => {
    const proxy = await startFakeProxy(() => '403 Forbidden');
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    const { httpsAgent } = await createAgents({ env, caBundle: ca.file });
    await expect(reach('127.0.0.1', 1, httpsAgent)).rejects.toMatchObject({
      code: 'proxy-refused',
    });
  });

  it('with an untrusted certificate is not reached', async () => {
    const port = await listen(createHelloServer(ca));
    await expect(reach('127.0.0.1', port, undefined)).rejects.toMatchObject({
      code: 'tls-untrusted',
    });
  });

  it('that does not listen is not reached', async () => {
    const server = createHelloServer(ca);
    const port = await listen(server);
    server.close();
    await expect(reach('127.0.0.1', port, undefined)).rejects.toMatchObject({
      code: 'host-unreachable',
      message: `Cannot reach 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}.`,
    });
  });
});
