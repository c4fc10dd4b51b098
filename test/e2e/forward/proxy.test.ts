import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import {
  createPrivateCa,
  hasOpenssl,
  type PrivateCa,
  startTlsTerminator,
} from '#test/helpers/private-ca.ts';
import type { Finished } from '#test/helpers/program.ts';
import { hasTinyproxy, Tinyproxy } from '#test/helpers/tinyproxy.ts';

/** The gateway accepts only signed upgrades, so a wrong host in a signature fails too. */
let lab: Lab;

/** A TLS server in front of the simulator, whose own stream URLs are plain. */
let tls: { readonly ca: PrivateCa; readonly host: string; close(): void };

beforeAll(async () => {
  lab = await Lab.start();
  await lab.control('faults', { requireSignature: true });
  if (!hasOpenssl) return;
  const ca = createPrivateCa(lab.folder);
  const { port, close } = await startTlsTerminator(ca, Number(endpoint().split(':')[1]));
  tls = { ca, host: `127.0.0.1:${port}`, close };
});

afterAll(async () => {
  if (hasOpenssl) tls.close();
  await lab.stop();
});

const throughTls = () => ({
  AWS_ENDPOINT_URL: `https://${tls.host}`,
  ECSH_STREAM_HOST: `wss://${tls.host}`,
});

const SUM = ['exec', '-i', 'lab/app', '--', 'sh', '-c', 'cksum; exit 3'];
const INPUT = 'all of it arrives\n'.repeat(2_000);
/** The output of POSIX `cksum`. */
const SUMMED: Finished = { status: 3, stdout: '1021527302 36000\n', stderr: '' };

const run = (more: Record<string, string>, args: readonly string[] = SUM): Promise<Finished> =>
  lab.run(args, { env: { ...lab.environment, ...more }, input: INPUT });

const endpoint = () => new URL(lab.environment.AWS_ENDPOINT_URL ?? '').host;

function failure(code: string, words: RegExp): Finished {
  const line = new RegExp(`^ecsh: .+ \\[${code}\\]\\n {2}\\S.+\\n$`);
  return {
    status: 255,
    stdout: '',
    stderr: expect.toSatisfy(
      (text: string) => line.test(text) && words.test(text) && !text.includes(PASSWORD),
    ),
  };
}

/** Letters and punctuation that tinyproxy's configuration file can hold. */
const PASSWORD = 'pass-word.1';
const ENCODED = PASSWORD.replaceAll('-', '%2D');

describe.skipIf(!hasTinyproxy)('through tinyproxy', () => {
  let open: Tinyproxy;
  let locked: Tinyproxy;
  let strict: Tinyproxy;

  beforeAll(async () => {
    open = await Tinyproxy.start(lab.folder);
    locked = await Tinyproxy.start(lab.folder, [`BasicAuth me ${PASSWORD}`]);
    strict = await Tinyproxy.start(lab.folder, ['ConnectPort 443']);
  });

  afterAll(() => Promise.all([open, locked, strict].map((proxy) => proxy.stop())));

  it('passes everything that a command needs: API calls and the data channel (W-4)', async () => {
    const before = open.connects.length;
    expect(await run({ HTTP_PROXY: `http://127.0.0.1:${open.port}` })).toEqual(SUMMED);
    const connects = open.connects.slice(before);
    expect(new Set(connects)).toEqual(new Set([endpoint()]));
    expect(connects.length).toBeGreaterThan(1);
  });

  it.concurrent('works with ALL_PROXY, and with a proxy without a scheme', async () => {
    expect(await run({ ALL_PROXY: `127.0.0.1:${open.port}` })).toEqual(SUMMED);
  });

  it.concurrent('works with a user and password', async () => {
    const http_proxy = `http://me:${ENCODED}@127.0.0.1:${locked.port}`;
    expect(await run({ http_proxy })).toEqual(SUMMED);
    expect(locked.connects).toContain(endpoint());
  });

  it.concurrent.each([
    ['no password', '', /Put user and password into HTTP_PROXY/],
    ['a wrong one', `me:${encodeURIComponent(`${PASSWORD}!`)}@`, /does not accept/],
  ])('reports the reason for %s', async (_, userinfo, words) => {
    const HTTP_PROXY = `http://${userinfo}127.0.0.1:${locked.port}`;
    expect(await run({ HTTP_PROXY })).toEqual(failure('proxy-auth-required', words));
  });

  it.concurrent('reports the reason if the proxy refuses', async () => {
    const HTTP_PROXY = `http://me:${ENCODED}@127.0.0.1:${strict.port}`;
    expect(await run({ HTTP_PROXY })).toEqual(failure('proxy-refused', /HTTP status 403/));
  });

  describe.skipIf(!hasOpenssl)('and TLS with a private CA', () => {
    it('passes everything that a command needs', async () => {
      const HTTPS_PROXY = `http://me:${ENCODED}@127.0.0.1:${locked.port}`;
      expect(await run({ ...throughTls(), AWS_CA_BUNDLE: tls.ca.file, HTTPS_PROXY })).toEqual(
        SUMMED,
      );
      expect(locked.connects.filter((authority) => authority === tls.host).length).toBeGreaterThan(
        1,
      );
    });
  });
});

describe('a proxy that cannot be used', () => {
  const DEAD = `http://me:${ENCODED}@127.0.0.1:1`;

  it.concurrent('is reported with the reason', async () => {
    expect(await run({ HTTP_PROXY: DEAD })).toEqual(
      failure(
        'proxy-unreachable',
        /127\.0\.0\.1:1: connect ECONNREFUSED[\s\S]+HTTP_PROXY names it/,
      ),
    );
  });

  it.concurrent('is skipped for NO_PROXY, and if the variable is for another scheme', async () => {
    expect(await run({ HTTP_PROXY: DEAD, NO_PROXY: 'x.test,127.0.0.1' })).toEqual(SUMMED);
    expect(await run({ ALL_PROXY: DEAD, NO_PROXY: '*' })).toEqual(SUMMED);
    expect(await run({ HTTPS_PROXY: DEAD })).toEqual(SUMMED);
  });

  it.concurrent('is reported if its value is not a proxy URL', async () => {
    expect(await run({ HTTP_PROXY: `socks5://me:${ENCODED}@127.0.0.1:1` })).toEqual(
      failure('proxy-invalid', /HTTP_PROXY names a proxy of a kind/),
    );
  });
});

describe.skipIf(!hasOpenssl)('TLS with a private CA', () => {
  it.concurrent('is trusted by AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS, and ca_bundle', async () => {
    const { ca } = tls;
    expect(await run({ ...throughTls(), AWS_CA_BUNDLE: ca.file })).toEqual(SUMMED);
    expect(await run({ ...throughTls(), NODE_EXTRA_CA_CERTS: ca.file })).toEqual(SUMMED);
    const HOME = mkdtempSync(join(lab.folder, 'home-'));
    mkdirSync(join(HOME, '.aws'));
    writeFileSync(join(HOME, '.aws', 'config'), `[default]\nca_bundle = ${ca.file}\n`);
    expect(await run({ ...throughTls(), HOME })).toEqual(SUMMED);
  });

  it.concurrent('is rejected by default, for API calls', async () => {
    expect(await run(throughTls())).toEqual(
      failure('tls-untrusted', /the AWS endpoint[\s\S]+AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS/),
    );
  });

  it.concurrent('is rejected by default, for the data channel', async () => {
    const { ECSH_STREAM_HOST } = throughTls();
    expect(await run({ ECSH_STREAM_HOST })).toEqual(
      failure(
        'tls-untrusted',
        new RegExp(`of ${tls.host} is not[\\s\\S]+AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS`),
      ),
    );
  });
});

it('a missing CA bundle is reported with the reason', async () => {
  expect(await run({ AWS_CA_BUNDLE: '/no/such.pem' })).toEqual(
    failure('ca-bundle-unreadable', /\/no\/such\.pem/),
  );
});

it('an invalid stream host is reported with the reason', async () => {
  expect(await run({ ECSH_STREAM_HOST: 'https://x.test' })).toEqual(
    failure('stream-host-invalid', /ECSH_STREAM_HOST/),
  );
});
