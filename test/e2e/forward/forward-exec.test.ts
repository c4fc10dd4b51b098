import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createWeb } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { hasShell, Lab, QUICK } from '#test/helpers/e2e.ts';
import { isInstalled } from '#test/helpers/program.ts';
import { imageEnvironment } from '#test/helpers/shells.ts';

const FILE = randomBytes(300_000);
const LIMIT_MS = 60_000;

/** Responds with as many bytes of FILE as the path requests. */
const web = createWeb((incoming, outgoing) => {
  outgoing.end(FILE.subarray(0, Number(incoming.url?.slice(1)) || 0));
});
/** Responds with the digest of its input at the end. */
const digest = createTcp({ allowHalfOpen: true }, (socket) => {
  const hash = createHash('sha256');
  socket.on('error', () => undefined);
  socket.on('data', (data) => hash.update(data));
  socket.on('end', () => socket.end(hash.digest('hex')));
});

let lab: Lab;

beforeAll(async () => {
  for (const server of [web, digest]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const bare = imageEnvironment(hasShell.dash ? 'dash' : 'bash', []);
  lab = await Lab.start({
    timings: QUICK,
    sessionLimit: { perContainer: 2 },
    clusters: [
      {
        name: 'lab',
        services: [
          { name: 'app', containers: [{ name: 'app' }] },
          { name: 'bare', containers: [{ name: 'app', path: bare.PATH }] },
        ],
      },
    ],
  });
});

afterAll(async () => {
  await lab.stop();
  web.close();
  digest.close();
});

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const sha = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

/** Runs a script while ports are forwarded. */
function during(script: string, ...flags: readonly string[]) {
  return lab.run(['forward', '-q', 'lab/app', ...flags, '--', 'sh', '-c', script]);
}

describe.skipIf(!isInstalled('curl', '--version'))('ecsh forward over ExecuteCommand', () => {
  it('keeps many concurrent connections unchanged', { timeout: LIMIT_MS }, async () => {
    const script = `for i in 1 2 3 4 5 6 7 8; do
      curl -sS "http://localhost:$ECSH_PORT/30000" | sha256sum & done; wait`;
    const { status, stdout, stderr } = await during(script, '--via', 'exec', `:${portOf(web)}`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const expected = `${sha(FILE.subarray(0, 30_000))}  -`;
    expect(stdout.trim().split('\n')).toEqual(Array(8).fill(expected));
  });

  it('proxies SOCKS and HTTP CONNECT to any host, over one session', {
    timeout: LIMIT_MS,
  }, async () => {
    const url = (path: string) => `http://127.0.0.1:${portOf(web)}/${path}`;
    const script = `p=localhost:$ECSH_PORT
      for x in socks5h://$p socks5://$p socks4://$p socks4a://$p; do
        curl -sS -x $x ${url('1000')} | sha256sum; done
      curl -sS -p -x http://$p ${url('1000')} | sha256sum`;
    const { status, stdout, stderr } = await during(script, '-D', '0');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.trim().split('\n')).toEqual(Array(5).fill(`${sha(FILE.subarray(0, 1_000))}  -`));
  });

  it('reports a host that the container cannot reach, with the reason', {
    timeout: LIMIT_MS,
  }, async () => {
    const script = `p=localhost:$ECSH_PORT
      curl -sS -x socks5h://$p http://127.0.0.1:1/ 2>&1; echo " $?"
      curl -sS -p -x http://$p http://nosuch.invalid/ -w '%{http_connect}' 2>/dev/null; echo " $?"
      curl -s -x http://$p http://127.0.0.1:1/ -w '%{http_code}'; echo " $?"`;
    const { stdout } = await during(script, '-D', '0');
    expect(stdout).toMatch(/SOCKS5 connection.*\(5\)\s+97\n502 56\n405 0\n$/s);
  });

  it('is used if StartSession is denied', { timeout: LIMIT_MS }, async () => {
    const own = await Lab.start({
      timings: QUICK,
      deny: ['ssm:StartSession'],
      clusters: [{ name: 'lab', services: [{ name: 'app', containers: [{ name: 'app' }] }] }],
    });
    onTestFinished(() => own.stop());
    const words = ['forward', 'lab/app', `:${portOf(web)}`, '--', 'sh', '-c'];
    const seen = await own.run([...words, 'curl -sS "http://localhost:$ECSH_PORT/9" | wc -c']);
    expect(seen).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\s*9\n$/) });
    expect(seen.stderr).toContain('You may not start sessions of Session Manager');
    const refused = await own.run([...words.slice(0, 3), '--via', 'ssm', '--', 'true']);
    expect([refused.status, refused.stderr]).toEqual([
      255,
      expect.stringContaining('[access-denied]'),
    ]);
  });

  it('reports what the image lacks', { timeout: LIMIT_MS }, async () => {
    const words = ['forward', '-q', '--via', 'exec', 'lab/bare', `:${portOf(web)}`];
    const { status, stderr } = await lab.run([...words, '--', 'true']);
    expect([status, stderr]).toEqual([255, expect.stringContaining('[dialer-missing]')]);
  });
});

describe('ecsh forward --stdio', () => {
  it.each(['exec', 'ssm'])('connects stdin and stdout to a port, via %s', async (via) => {
    const input = via === 'exec' ? FILE : Buffer.from('GET /5 HTTP/1.0\r\n\r\n');
    const port = via === 'exec' ? portOf(digest) : portOf(web);
    const words = ['forward', '-q', '--via', via, 'lab/app', '--stdio', `127.0.0.1:${port}`];
    const program = lab.start(words, { input });
    expect(await program.finished).toMatchObject({ status: 0, stderr: '' });
    if (via === 'exec') expect(`${program.stdout}`).toBe(sha(FILE));
    else expect(program.stdout.subarray(-5)).toEqual(FILE.subarray(0, 5));
  });

  it.each(['exec', 'ssm'])('fails if the port refuses the connection, via %s', async (via) => {
    const words = ['forward', '-q', '--via', via, 'lab/app', '--stdio', '127.0.0.1:1'];
    const { status, stderr } = await lab.run(words);
    expect([status, stderr]).toEqual([255, expect.stringContaining('[connection-refused]')]);
  });
});
