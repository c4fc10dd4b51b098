import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Agent, createServer, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createAgents } from '#network/agents.ts';
import { startFakeProxy } from '#test/fakes/fake-proxy.ts';
import {
  createHelloServer,
  createPrivateCa,
  hasOpenssl,
  type PrivateCa,
  portOf,
} from '#test/helpers/private-ca.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

const folder = temporaryFolder('network');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => {
    server.close();
  });
  return portOf(server.address());
}

const startHello = () => listen(createServer((_request, response) => response.end('hello')));

function get(url: string, agent: Agent): Promise<string> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function getThrough(proxy: string, url: string, more: Record<string, string> = {}) {
  const env = { ALL_PROXY: proxy, ...more };
  const { httpAgent, httpsAgent } = await createAgents({ env, caBundle: undefined });
  onTestFinished(() => {
    httpAgent.destroy();
    httpsAgent.destroy();
  });
  return get(url, url.startsWith('https:') ? httpsAgent : httpAgent);
}

describe('an agent', () => {
  it('tunnels through the proxy with its user and password (W-4)', async () => {
    const port = await startHello();
    const proxy = await startFakeProxy();
    const url = `http://127.0.0.1:${port}/`;
    expect(await getThrough(`http://me:pw@127.0.0.1:${proxy.port}`, url)).toBe('hello');
    expect(proxy.requests).toEqual([`CONNECT 127.0.0.1:${port} Basic ${btoa('me:pw')}`]);
  });

  it('connects directly if NO_PROXY says so (W-4)', async () => {
    const url = `http://127.0.0.1:${await startHello()}/`;
    expect(await getThrough('http://127.0.0.1:1', url, { NO_PROXY: '127.0.0.1' })).toBe('hello');
  });

  it.each([
    [
      '407 Proxy Authentication Required',
      'http://',
      'proxy-auth-required',
      /^The proxy 127\.0\.0\.1:\d+ asks for a password\.$/,
      /^Put user and password into ALL_PROXY: {2}http:\/\/USER:PASSWORD@127\.0\.0\.1:\d+$/,
    ],
    [
      '407 Proxy Authentication Required',
      'http://me:hidden@',
      'proxy-auth-required',
      /^The proxy 127\.0\.0\.1:\d+ asks for a password\.$/,
      /^It does not accept the user and password of ALL_PROXY\./,
    ],
    [
      '401 Unauthorized',
      'http://me:hidden@',
      'proxy-auth-required',
      /asks for a password\.$/,
      /does not accept/,
    ],
    [
      '403 Forbidden',
      'http://me:hidden@',
      'proxy-refused',
      /^The proxy 127\.0\.0\.1:\d+ does not connect to 127\.0\.0\.1:9 \(HTTP status 403\)\.$/,
      /NO_PROXY/,
    ],
  ])('reports that the proxy answers %s to %s', async (status, prefix, code, message, hint) => {
    const proxy = await startFakeProxy(() => status);
    const error: unknown = await getThrough(
      `${prefix}127.0.0.1:${proxy.port}`,
      'http://127.0.0.1:9/',
    ).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'EcshError',
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
    expect(JSON.stringify(error) + String(error)).not.toMatch(/hidden|secret/);
  });

  it('reports that the proxy does not answer', async () => {
    await expect(
      getThrough('http://me:hidden@127.0.0.1:1', 'https://x.test/'),
    ).rejects.toMatchObject({
      code: 'proxy-unreachable',
      message: 'Cannot reach the proxy 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1.',
      hint: expect.stringContaining('ALL_PROXY names it.'),
    });
  });

  it('reports that the proxy closes the connection, and that it stays silent', async () => {
    const port = await listen(createTcpServer((socket) => socket.destroy()));
    await expect(getThrough(`127.0.0.1:${port}`, 'https://x.test/')).rejects.toMatchObject({
      code: 'proxy-unreachable',
    });
    const silent = await listen(createTcpServer((socket) => socket.on('error', () => undefined)));
    await expect(getThrough(`127.0.0.1:${silent}`, 'https://x.test/')).rejects.toMatchObject({
      message: `Cannot reach the proxy 127.0.0.1:${silent}: no answer within 4.5 seconds.`,
    });
  });

  it('treats an answer of a server that is not a proxy as a refusal', async () => {
    const port = await startHello();
    await expect(getThrough(`127.0.0.1:${port}`, 'https://x.test/')).rejects.toMatchObject({
      code: expect.stringMatching(/^proxy-(?:refused|unreachable)$/),
    });
  });
});

describe.skipIf(!hasOpenssl)('trust in a private CA', () => {
  let ca: PrivateCa;

  beforeAll(() => {
    ca = createPrivateCa(folder);
  });

  it('comes from the bundle, for a server, and for a server through a proxy', async () => {
    const url = `https://127.0.0.1:${await listen(createHelloServer(ca))}/`;
    const proxy = await startFakeProxy();
    for (const env of [{}, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }]) {
      const { httpsAgent } = await createAgents({ env, caBundle: ca.file });
      expect(await get(url, httpsAgent)).toBe('hello');
      httpsAgent.destroy();
    }
    expect(proxy.requests).toHaveLength(1);
  });

  it('is also needed for a proxy that uses TLS', async () => {
    const url = `http://127.0.0.1:${await startHello()}/`;
    const proxy = await startFakeProxy(undefined, createHelloServer(ca));
    const env = { ALL_PROXY: `https://127.0.0.1:${proxy.port}` };
    const { httpAgent } = await createAgents({ env, caBundle: ca.file });
    expect(await get(url, httpAgent)).toBe('hello');
    httpAgent.destroy();
    await expect(getThrough(env.ALL_PROXY, url)).rejects.toMatchObject({
      code: 'tls-untrusted',
      message: expect.stringMatching(
        /^The certificate of the proxy 127\.0\.0\.1:\d+ is not trusted/,
      ),
    });
  });

  it('is missing without the bundle', async () => {
    const url = `https://127.0.0.1:${await listen(createHelloServer(ca))}/`;
    const { httpsAgent } = await createAgents({ env: {}, caBundle: undefined });
    await expect(get(url, httpsAgent)).rejects.toMatchObject({
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
  });

  it('includes the file of NODE_EXTRA_CA_CERTS, which Node.js would drop', async () => {
    const url = `https://127.0.0.1:${await listen(createHelloServer(ca))}/`;
    const other = mkdtempSync(join(folder, 'other-'));
    const caBundle = createPrivateCa(other).file;
    const env = { NODE_EXTRA_CA_CERTS: ca.file };
    const { httpsAgent } = await createAgents({ env, caBundle });
    expect(await get(url, httpsAgent)).toBe('hello');
    httpsAgent.destroy();
  });
});

describe('an unusable CA bundle', () => {
  it.each([
    ['is missing', undefined],
    ['contains no certificate', 'hello'],
    ['is damaged', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ])('is named in the error: it %s', async (name, text) => {
    const caBundle = join(folder, `${name}.pem`);
    if (text !== undefined) writeFileSync(caBundle, text);
    await expect(createAgents({ env: {}, caBundle })).rejects.toMatchObject({
      code: 'ca-bundle-unreadable',
      message: expect.stringContaining(caBundle),
      hint: expect.stringContaining('AWS_CA_BUNDLE'),
    });
  });
});
