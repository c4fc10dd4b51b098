import { describe, expect, it } from 'vitest';
import { type Case, container } from '#test/fakes/doctor-setup.ts';
import { diagnosisOf } from '#test/fakes/doctor-world.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';

const variables = (pairs: Readonly<Record<string, string>>) => ({
  environment: Object.entries(pairs).map(([name, value]) => ({ name, value })),
});
const override = (name: string, value: string) =>
  sampleTask('a1', {
    overrides: { containers: [{ name: 'app', environment: [{ name, value }] }] },
  });
const PROXY = { HTTPS_PROXY: 'http://proxy:3128' };

describe.each<[id: string, cases: readonly Case[]]>([
  [
    'env-static-credentials',
    [
      ['passes', container(variables({ STAGE: 'prod' })), 'pass', /sets no AWS keys/],
      [
        'warns about a variable',
        container(variables({ AWS_ACCESS_KEY_ID: 'AKIASECRET' })),
        'warn',
        /^app sets AWS_ACCESS_KEY_ID\./,
      ],
      [
        'warns about a secret',
        container({ secrets: [{ name: 'AWS_SECRET_ACCESS_KEY' }] }),
        'warn',
        /AWS_SECRET_ACCESS_KEY/,
      ],
      [
        'warns about an override',
        container({}, override('AWS_SESSION_TOKEN', 'SECRET')),
        'warn',
        /AWS_SESSION_TOKEN/,
      ],
      [
        'reports that environment files cannot be read',
        container({ environmentFiles: [{ value: 'arn:aws:s3:::b/env' }] }),
        'pass',
        /environment files cannot be looked into/,
      ],
    ],
  ],
  [
    'env-credential-override',
    [
      ['passes', container({}), 'pass', /redirects no credentials/],
      [
        'passes for SDK endpoint variables, which the agent does not read',
        container(variables({ AWS_ENDPOINT_URL_SSMMESSAGES: 'http://x' })),
        'pass',
        /redirects no credentials/,
      ],
      [
        'warns about redirected credentials',
        container(variables({ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://x' })),
        'warn',
        /AWS_CONTAINER_CREDENTIALS_FULL_URI/,
      ],
      [
        'passes for a variable with no effect',
        container(variables({ AWS_EC2_METADATA_DISABLED: 'false' })),
        'pass',
        /redirects no/,
      ],
    ],
  ],
  [
    'env-proxy',
    [
      ['is skipped without a proxy', container({}), 'skip', /sets no proxy/],
      ['warns if NO_PROXY is not set', container(variables(PROXY)), 'warn', /inherits HTTPS_PROXY/],
      [
        'warns if NO_PROXY lacks one of the two addresses',
        container(variables({ ...PROXY, no_proxy: 'localhost,169.254.170.2' })),
        'warn',
        /Without 169\.254\.169\.254 in NO_PROXY/,
      ],
      [
        'passes with both addresses, in upper or lower case variables',
        container(
          variables({ http_proxy: 'http://proxy', no_proxy: '169.254.170.2, 169.254.169.254' }),
        ),
        'pass',
        /leaves the credentials alone/,
      ],
      [
        'passes if NO_PROXY excludes every host',
        container(variables({ ...PROXY, NO_PROXY: '*' })),
        'pass',
        /alone/,
      ],
      [
        'is skipped if an override turns the proxy off',
        container(variables(PROXY), override('HTTPS_PROXY', '')),
        'skip',
        /sets no proxy/,
      ],
      [
        'is unknown if NO_PROXY comes from a secret',
        container({ ...variables(PROXY), secrets: [{ name: 'NO_PROXY' }] }),
        'unknown',
        /from a secret/,
      ],
    ],
  ],
])('%s', (id, cases) => {
  it.each(cases)('%s', async (_, world, status, message) => {
    const result = (await diagnosisOf(world)).of(id);
    expect(result).toMatchObject({ status, message: expect.stringMatching(message) });
    expect(JSON.stringify(result)).not.toContain('SECRET"');
    expect(JSON.stringify(result)).not.toContain('AKIASECRET');
  });
});

it('keeps the existing NO_PROXY entries in the fix', async () => {
  const world = container(variables({ ...PROXY, NO_PROXY: 'localhost' }));
  const { fix } = (await diagnosisOf(world)).of('env-proxy');
  expect(fix?.command).toContain('"localhost,169.254.170.2,169.254.169.254"');
});
