import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainEnvironment } from '#test/helpers/e2e.ts';
import { DIST, ECSH, Program } from '#test/helpers/program.ts';

/** An AWS endpoint that accepts calls and never responds. */
let silent: Server;
let called: Promise<void>;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  env = {
    ...plainEnvironment('/'),
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
});

afterAll(() => {
  silent.close();
});

/** Sequential, so that each call can be matched to its run. */
describe('a signal before the session', () => {
  for (const [how, words] of [
    ['bin/ecsh.js', ECSH],
    ['dist/cli.js', [process.execPath, `${DIST}/cli.js`]],
  ] as const) {
    it.each([
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
      ['SIGUSR1', 143],
    ] as const)(`%s ends ${how} with %i, and opens no debugger`, async (signal, status) => {
      called = new Promise((resolve) => silent.once('connection', () => resolve()));
      const program = new Program([...words, 'ls', 'clusters'], { env });
      await called;
      program.signal(signal);
      expect(await program.finished).toEqual({ status, stdout: '', stderr: '' });
    });
  }
});
