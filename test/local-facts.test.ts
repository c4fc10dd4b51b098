import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createIdentity } from '#aws/call/identity.ts';
import { createLocalFacts } from '#local-facts.ts';
import { isolateAws } from '#test/aws/environment.ts';

const aws = isolateAws();
const OF_REGION = 'wss://ssmmessages.us-east-1.amazonaws.com';

function channelUrl(config: { endpointUrl?: string }, streamHost?: string) {
  const connection = { config, identity: createIdentity(config) };
  return createLocalFacts(connection, { nodeVersion: '22.0.0', streamHost }).channelUrl(OF_REGION);
}

describe('a data channel', () => {
  it('is opened to the host of the region', async () => {
    expect(await channelUrl({})).toBe(OF_REGION);
  });

  it('is opened to the host that ECSH_STREAM_HOST names', async () => {
    const url = await channelUrl({ endpointUrl: 'https://vpce-1.example' }, 'vpce-2.example:8443');
    expect(url).toBe('wss://vpce-2.example:8443/');
  });

  it.each<[string, () => { endpointUrl?: string }]>([
    ['--endpoint-url', () => ({ endpointUrl: 'http://127.0.0.1:1' })],
    [
      'AWS_ENDPOINT_URL',
      () => {
        aws.set({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
        return {};
      },
    ],
    [
      'endpoint_url of the profile',
      () => {
        writeFileSync(join(aws.home(), 'config'), '[default]\nendpoint_url = http://127.0.0.1:1\n');
        return {};
      },
    ],
  ])('has no known address with %s', async (_name, configure) => {
    expect(await channelUrl(configure())).toBeUndefined();
  });
});
