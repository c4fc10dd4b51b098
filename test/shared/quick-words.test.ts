import { describe, expect, it } from 'vitest';
import { environmentFingerprint, type QuickCommand, readQuickWords } from '#shared/quick-words.ts';

const PLAIN: QuickCommand = {
  target: 'prod/web',
  argv: ['ls'],
  env: {},
  cwd: undefined,
  user: undefined,
  hasStdin: false,
  isQuiet: false,
};

describe('the words of a quick exec', () => {
  it.each<readonly [string, Partial<QuickCommand>]>([
    ['prod/web -- ls', {}],
    ['prod/web ls', {}],
    ['-q prod/web ls', { isQuiet: true }],
    ['prod/web -i -- ls', { hasStdin: true }],
    ['-qi prod/web ls -i -q', { isQuiet: true, hasStdin: true, argv: ['ls', '-i', '-q'] }],
    ['-T prod/web -- ls --', { argv: ['ls', '--'] }],
    ['-e A=1 --env B=x=y prod/web ls', { env: { A: '1', B: 'x=y' } }],
    ['-w /srv -u app:app prod/web ls', { cwd: '/srv', user: 'app:app' }],
    ['prod/web -- -x', { argv: ['-x'] }],
  ])('%s', (line, expected) => {
    expect(readQuickWords(line.split(' '))).toEqual({ ...PLAIN, ...expected });
  });

  it.each([
    '',
    'prod/web',
    'prod/web --',
    '-- ls',
    '-t prod/web ls',
    '-it prod/web sh',
    '--json prod/web ls',
    '--timeout 3s prod/web ls',
    '-C prod web ls',
    '-e A prod/web ls',
    '-e prod/web ls',
    '--env=A=1 prod/web ls',
    'prod/web -w',
    '--no-share prod/web ls',
  ])('leaves %j to the full program', (line) => {
    expect(readQuickWords(line.split(' ').filter((word) => word !== ''))).toBeUndefined();
  });
});

it('compares only the variables that can change what the arguments mean', () => {
  const env = { AWS_PROFILE: 'a', ECSH_CLUSTER: 'prod', HOME: '/root', PATH: '/bin', OWN: 't' };
  expect(environmentFingerprint({ ...env, ECSH_CONNECTED: 'x' }, 'ECSH_CONNECTED')).toBe(
    'AWS_PROFILE=a\nECSH_CLUSTER=prod\nHOME=/root',
  );
  expect(environmentFingerprint({ ...env, PATH: '/usr/bin' }, 'ECSH_CONNECTED')).toBe(
    environmentFingerprint(env, 'ECSH_CONNECTED'),
  );
});
