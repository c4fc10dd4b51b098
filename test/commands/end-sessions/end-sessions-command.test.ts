import { expect, it } from 'vitest';
import { endSessionsWords, watchSessionsWords } from '#commands/end-sessions/words.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const SETTINGS = { region: 'eu-west-1', profile: '-odd', endpointUrl: 'http://127.0.0.1:1' };

it('ends the given sessions, with the settings that they were started with', async () => {
  const app = new FakeApp();
  const outcome = await run([...endSessionsWords(SETTINGS), 'a', '-b'], app);
  expect(outcome).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(app.remote.terminated).toEqual(['a', '-b']);
  expect(app.awsSettings).toEqual([{ ...SETTINGS, noInput: true }]);
});

it('watches stdin, and ends the open sessions when it closes', async () => {
  const app = new FakeApp();
  const ending = run(watchSessionsWords(SETTINGS), app);
  app.stdin.write('+ a\n+ b\n- a\n');
  app.stdin.end();
  expect(await ending).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(app.remote.terminated).toEqual(['b']);
});

it('ignores a failure, and continues with the next session', async () => {
  const remote = new FakeRemote();
  remote.termination = () => Promise.reject(new Error('denied'));
  const none = { region: undefined, profile: undefined, endpointUrl: undefined };
  const outcome = await run([...endSessionsWords(none), 'a', 'b'], new FakeApp({ remote }));
  expect(outcome).toEqual({ status: 1, stdout: '', stderr: '' });
  expect(remote.terminated).toEqual(['a', 'b']);
});

it('is not listed in the help', async () => {
  expect((await run(['--help'])).stdout).not.toContain('__');
});
