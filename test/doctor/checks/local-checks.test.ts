import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import { diagnosisOf, type World } from '#test/fakes/doctor-world.ts';

type Local = NonNullable<NonNullable<World['answers']>['local']>;

const local = (answers: Local = {}, rest: World = {}): World => ({
  task: undefined,
  areas: ['local'],
  answers: { local: answers },
  ...rest,
});
const failing = (code: ErrorCode, message: string) => async () => {
  throw new EcshError(code, message);
};
const noCredentials = (code: ErrorCode): World => ({
  ...local(),
  answers: { sts: { getCallerIdentity: failing(code, 'Your credentials have expired.') } },
});

const cli = (version: string) => local({ programVersion: async () => version });

describe.each<
  [
    id: string,
    cases: readonly (readonly [name: string, given: World, status: string, message: RegExp])[],
  ]
>([
  [
    'local-runtime',
    [
      ['passes', local({ nodeVersion: () => '24.1.0' }), 'pass', /24\.1\.0/],
      [
        'warns about an old Node.js',
        local({ nodeVersion: () => '20.20.0' }),
        'warn',
        /20\.20\.0: .* January 2027/,
      ],
    ],
  ],
  [
    'local-region-credentials',
    [
      ['passes', local(), 'pass', /Region us-east-1/],
      [
        'fails without a region',
        local({ region: failing('region-missing', 'No region is set.') }),
        'fail',
        /No region/,
      ],
      [
        'fails if the credentials have expired',
        noCredentials('credentials-expired'),
        'fail',
        /expired/,
      ],
      [
        'fails if there are no credentials',
        noCredentials('credentials-missing'),
        'fail',
        /credentials/,
      ],
      [
        'is unknown if STS does not answer',
        noCredentials('endpoint-unreachable'),
        'unknown',
        /credentials/,
      ],
    ],
  ],
  [
    'local-clock',
    [
      ['passes', local({ clockSkew: async () => -2_000 }), 'pass', /2 s off/],
      ['passes at five minutes', local({ clockSkew: async () => 300_000 }), 'pass', /300 s/],
      [
        'fails beyond five minutes',
        local({ clockSkew: async () => 301_000 }),
        'fail',
        /301 s behind/,
      ],
      [
        'fails if the clock is ahead',
        local({ clockSkew: async () => -900_000 }),
        'fail',
        /900 s ahead/,
      ],
      [
        'is unknown if STS does not answer',
        local({ clockSkew: failing('endpoint-unreachable', 'Cannot reach STS.') }),
        'unknown',
        /Cannot reach STS/,
      ],
    ],
  ],
  [
    'local-ssmmessages',
    [
      ['passes', local(), 'pass', /ssmmessages\.us-east-1\.amazonaws\.com:443/],
      [
        'fails with the reason of the connection error',
        local({ reach: failing('host-unreachable', 'Cannot reach ssmmessages: refused.') }),
        'fail',
        /Cannot reach ssmmessages: refused\. The data channel goes from your machine/,
      ],
      [
        'uses the host names of the China regions',
        local({ region: async () => 'cn-north-1' }),
        'pass',
        /ssmmessages\.cn-north-1\.amazonaws\.com\.cn:443/,
      ],
    ],
  ],
  [
    'local-terminal',
    [
      ['passes', local(), 'pass', /terminal/],
      [
        'reports what works without a terminal',
        local({}, { isTerminal: false }),
        'info',
        /Not a terminal/,
      ],
    ],
  ],
  [
    'session-manager-plugin',
    [
      [
        'reports as info that the plugin is missing and not needed',
        local(),
        'info',
        /not found; it is not needed by ecsh/,
      ],
      [
        'passes if the plugin is installed',
        local({ programVersion: async () => '1.2.707.0' }),
        'pass',
        /1\.2\.707\.0/,
      ],
    ],
  ],
  [
    'aws-cli',
    [
      ['is skipped without the AWS CLI', local(), 'skip', /no AWS CLI/],
      ['passes', cli('aws-cli/2.15.30 Python/3.11.8 Linux/6.5 exe/x86_64'), 'pass', /2\.15\.30/],
      [
        'reports an old version 2 as info',
        cli('aws-cli/2.3.5 Python/3.8.8'),
        'info',
        /2\.3\.5 is older/,
      ],
      [
        'reports an old version 1 as info',
        cli('aws-cli/1.22.2 Python/3.8.8'),
        'info',
        /1\.22\.2 is older/,
      ],
      ['passes for a recent version 1', cli('aws-cli/1.22.3 Python/3.8.8'), 'pass', /1\.22\.3/],
    ],
  ],
])('%s', (id, cases) => {
  it.each(cases)('%s', async (_name, given, status, message) => {
    const result = (await diagnosisOf(given)).of(id);
    expect({ status: result.status, message: result.message }).toEqual({
      status,
      message: expect.stringMatching(message),
    });
  });
});
