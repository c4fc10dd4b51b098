import { createHash, createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createUpgradeSigner } from '#aws/call/upgrade-signer.ts';
import { isolateAws, TEST_KEYS } from '#test/aws/environment.ts';

const aws = isolateAws();
const SESSION = '/v1/data-channel/ecs-execute-command-0a1b?role=publish_subscribe';

/** An independent implementation of SigV4 (AWS General Reference), to verify the use of the library. */
function signature(url: URL, headers: Record<string, string>, region: string): string {
  const hmac = (key: string | Buffer, text: string) =>
    createHmac('sha256', key).update(text).digest();
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const names = Object.keys(headers).toSorted();
  const query = [...url.searchParams]
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .toSorted()
    .join('&');
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = ['GET', url.pathname, query, lines, names.join(';'), sha('')].join('\n');
  const date = headers['x-amz-date'] ?? '';
  const scope = `${date.slice(0, 8)}/${region}/ssmmessages/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, 'AWS4secret');
  return hmac(key, text).toString('hex');
}

describe('createUpgradeSigner', () => {
  it.each([
    [
      'the region of the stream host',
      `wss://ssmmessages.eu-west-1.amazonaws.com${SESSION}`,
      'eu-west-1',
    ],
    [
      'a FIPS host',
      `wss://ssmmessages-fips.us-gov-west-1.amazonaws.com${SESSION}`,
      'us-gov-west-1',
    ],
    [
      'a cell number',
      `wss://ssmmessages.us-east-1.amazonaws.com${SESSION}&cell-number=A%2FB=`,
      'us-east-1',
    ],
    ['the configured region for other hosts', `ws://127.0.0.1:8080${SESSION}`, 'us-east-1'],
  ])('signs for %s', async (_, text, region) => {
    aws.set({ ...TEST_KEYS, AWS_SESSION_TOKEN: 'session-token' });
    const url = new URL(text);

    const headers = await createUpgradeSigner({ region: 'us-east-1' })(text);

    const { authorization, ...others } = headers;
    expect(Object.keys(others).toSorted()).toEqual(['x-amz-date', 'x-amz-security-token']);
    expect(others['x-amz-security-token']).toBe('session-token');
    const expected = signature(url, { host: url.host, ...others }, region);
    const date = others['x-amz-date']?.slice(0, 8);
    expect(authorization).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${date}/${region}/ssmmessages/aws4_request, ` +
        `SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=${expected}`,
    );
  });

  it.each([
    ['ssmmessages.us-east-1.amazonaws.com', 'us-east-1'],
    ['ssmmessages-fips.us-gov-east-1.amazonaws.com', 'us-gov-east-1'],
    ['ssmmessages.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['ssmmessages.cn-northwest-1.api.amazonwebservices.com.cn', 'cn-northwest-1'],
    ['ssmmessages.eu-central-1.api.aws', 'eu-central-1'],
    ['ssmmessages.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1'],
    ['ssmmessages.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1'],
    ['ssmmessages.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1'],
    ['ssmmessages.ap-southeast-5.amazonaws.com', 'ap-southeast-5'],
    ['vpce-0a1b2c-d3e4.ssmmessages.us-east-2.vpce.amazonaws.com', 'us-east-2'],
    ['vpce-0a1b2c-d3e4-us-east-2a.ssmmessages.us-east-2.vpce.amazonaws.com', 'us-east-2'],
    ['vpce-0a1b2c-d3e4.ssmmessages.cn-north-1.vpce.amazonaws.com.cn', 'cn-north-1'],
    ['ssmmessages.eu-west-1.amazonaws.com:8443', 'eu-west-1'],
    ['gateway.corp.example', 'sa-east-1'],
    ['127.0.0.1:4000', 'sa-east-1'],
  ])('signs for %s in %s', async (host, region) => {
    aws.set(TEST_KEYS);
    const signer = createUpgradeSigner({ region: 'sa-east-1' });
    const { authorization } = await signer(`wss://${host}${SESSION}`);
    expect(authorization).toContain(`/${region}/ssmmessages/aws4_request`);
  });

  it('signs with new credentials when the old ones have expired', async () => {
    const keys = join(aws.home(), 'keys.sh');
    const count = join(aws.home(), 'count');
    const now = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const end = (hours: number) => new Date(now + hours * 3_600_000).toISOString();
    const answer = {
      Version: 1,
      AccessKeyId: 'KEY',
      SecretAccessKey: 's',
      SessionToken: 'token $n',
    };
    const json = JSON.stringify({ ...answer, Expiration: '$end' }).replaceAll('"', '\\"');
    writeFileSync(
      keys,
      [
        `n=$(cat ${count} 2>/dev/null); n=$((n + 1)); echo $n > ${count}`,
        `[ $n = 1 ] && end=${end(1)} || end=${end(24)}`,
        `echo "${json}"`,
      ].join('\n'),
    );
    writeFileSync(join(aws.home(), 'config'), `[profile p]\ncredential_process = sh ${keys}\n`);
    const signer = createUpgradeSigner({ region: 'us-east-1', profile: 'p' });
    const token = async () => (await signer(`ws://x${SESSION}`))['x-amz-security-token'];

    expect([await token(), await token()]).toEqual(['token 1', 'token 1']);
    vi.setSystemTime(now + 3_600_001);
    expect([await token(), await token()]).toEqual(['token 2', 'token 2']);
  });

  it('does not change a URL that is already signed', async () => {
    const signer = createUpgradeSigner({});
    expect(await signer(`wss://example.com${SESSION}&X-Amz-Signature=abc`)).toEqual({});
  });

  it('explains why it cannot sign', async () => {
    const url = `ws://127.0.0.1:8080${SESSION}`;
    await expect(createUpgradeSigner({})(url)).rejects.toMatchObject({ code: 'region-missing' });
    await expect(createUpgradeSigner({ region: 'us-east-1' })(url)).rejects.toMatchObject({
      code: 'credentials-missing',
    });
  });
});
