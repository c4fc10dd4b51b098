import { expect, it } from 'vitest';
import { endSessionsWords, watchSessionsWords } from '#commands/end-sessions/words.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const SETTINGS = { region: 'eu-west-1', profile: '-odd', endpointUrl: 'http://127.0.0.1:1' };

it('ends every session it is given, with the settings they were made with', async () => {
  const app = new FakeApp();
  const outcome = await run([...endSessionsWords(SETTINGS), 'a', '-b'], app);
  expect(outcome).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(app.remote.terminated).toEqual(['a', '-b']);
  expect(app.awsSettings).toEqual([{ ...SETTINGS, noInput: true }]);
});

it('watches: ends the sessions that are open when its stdin ends', async () => {
  const app = new FakeApp();
  const ending = run(watchSessionsWords(SETTINGS), app);
  app.stdin.write('+ a\n+ b\n- a\n');
  app.stdin.end();
  expect(await ending).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(app.remote.terminated).toEqual(['b']);
});

it('says nothing where it may not, and goes on with the next', async () => {
  const remote = new FakeRemote();
  remote.termination = () => Promise.reject(new Error('denied'));
  const none = { region: undefined, profile: undefined, endpointUrl: undefined };
  const outcome = await run([...endSessionsWords(none), 'a', 'b'], new FakeApp({ remote }));
  expect(outcome).toEqual({ status: 1, stdout: '', stderr: '' });
  expect(remote.terminated).toEqual(['a', 'b']);
});

it('stands in no help', async () => {
  expect((await run(['--help'])).stdout).not.toContain('__');
});
