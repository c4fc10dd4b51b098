import { expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const CONFIG = '[default]\n[profile base]\n[profile sso]\n[sso-session corp]\n';

function appWithout(code: 'credentials-missing' | 'region-missing', env = {}): FakeApp {
  const fail = () => Promise.reject(new EcshError(code, 'No.', { hint: 'Log in.' }));
  const app = new FakeApp({ env: { HOME: '/me', ...env }, files: { '/me/.aws/config': CONFIG } });
  const aws = app.aws.bind(app);
  app.aws = (settings) => ({ ...aws(settings), ecs: fail });
  return app;
}

it.each([
  [['--profile', 'ssso'], {}, 'ssso', '--profile', 'Did you mean sso? '],
  [[], { AWS_PROFILE: 'nosuch' }, 'nosuch', 'AWS_PROFILE', ''],
  [[], { ECSH_PROFILE: 'bas' }, 'bas', 'ECSH_PROFILE', 'Did you mean base? '],
])('a missing profile is reported: %j %j', async (flags, env, name, source, question) => {
  const { status, stderr } = await run(['ls', ...flags], appWithout('credentials-missing', env));
  expect([status, stderr.split('\n')]).toEqual([
    1,
    [
      expect.stringMatching(`^ecsh: There is no profile ${name} in ~/.aws \\(from ${source}`),
      `  ${question}Profiles: base, default, sso.`,
      '',
    ],
  ]);
});

it.each([['--profile', 'sso'], ['--profile', 'default'], []])(
  'an existing profile is not blamed: %s %s',
  async (...flags) => {
    const { stderr } = await run(['ls', ...flags], appWithout('region-missing'));
    expect(stderr).toBe('ecsh: No. [region-missing]\n  Log in.\n');
  },
);
