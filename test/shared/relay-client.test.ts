import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { relay } from '#shared/relay-client.ts';
import { encodeFrame, encodeJson, FRAME_TYPES } from '#shared/relay-frames.ts';
import { FakeDuplex } from '#test/fakes/fake-duplex.ts';
import { BufferStream } from '#test/fakes/fake-streams.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';
import { SAMPLE_RELAY_REQUEST } from '#test/fakes/sample-relay-request.ts';

const { accepted, credit, result, stdout } = FRAME_TYPES;
const REQUEST = { ...SAMPLE_RELAY_REQUEST, token: 'secret' };
const TARGET = { cluster: 'demo', task: 'arn:task', container: 'app' };
const ACCEPTED = encodeJson(accepted, TARGET);
const RESULT = { exitCode: 0, status: 0, wasStopped: false };

function client() {
  const clock = new ManualClock();
  const connection = new FakeDuplex();
  const streams = {
    stdin: new PassThrough(),
    stdout: new BufferStream(),
    stderr: new BufferStream(),
  };
  return { clock, connection, command: relay(connection, REQUEST, { ...streams, clock }) };
}

it('gives up on an ecsh connect that does not respond for 30 s', async () => {
  const { clock, connection, command } = client();
  const failed = expect(command).rejects.toMatchObject({
    code: 'connect-gone',
    message: 'The ecsh connect around this command does not answer.',
  });
  await clock.advance(29_999);
  expect(connection.destroyed).toBe(false);
  await clock.advance(1);
  await failed;
  expect(connection.destroyed).toBe(true);
});

it('waits for a command without a limit', async () => {
  const { clock, connection, command } = client();
  connection.receive(ACCEPTED);
  await command;
  expect(clock.timers).toEqual([]);
});

it.each([
  ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['output before the first reply', encodeFrame(stdout, Buffer.from('forged'))],
  ['invalid JSON', encodeFrame(accepted, Buffer.from('{'))],
  ['no target', encodeJson(accepted, null)],
  ['a number as a task', encodeJson(accepted, { ...TARGET, task: 1 })],
])('runs no command if the reply is %s', async (_what, answer) => {
  const { connection, command } = client();
  connection.receive(answer);
  await expect(command).rejects.toMatchObject({
    code: 'connect-gone',
    message: 'The ecsh connect around this command sent an answer that cannot be read.',
  });
  expect(connection.destroyed).toBe(true);
});

it.each([
  ['invalid JSON', encodeFrame(result, Buffer.from('{'))],
  ['a list', encodeJson(result, [])],
  ['an invalid status', encodeJson(result, { ...RESULT, exitCode: 256 })],
  ['a string as a status', encodeJson(result, { ...RESULT, status: '0' })],
  ['a failure without a message', encodeJson(result, { ...RESULT, failure: { code: 'usage' } })],
  ['too few bytes of credit', encodeFrame(credit, Buffer.alloc(3))],
])('reports an unknown result if it receives %s', async (_what, bytes) => {
  const { connection, command } = client();
  connection.receive(Buffer.concat([ACCEPTED, bytes, encodeJson(result, RESULT)]));
  expect(await (await command)?.ended).toMatchObject({
    status: undefined,
    exitCode: 255,
    failure: {
      code: 'connection-lost',
      message: 'ecsh connect, which ran this command, sent an answer that cannot be read.',
    },
  });
});

it('uses a separate session for a request of more than 1 MiB', async () => {
  const connection = new FakeDuplex();
  const streams = { stdin: undefined, stdout: new BufferStream(), stderr: new BufferStream() };
  const large = { ...REQUEST, env: { A: 'x'.repeat(1_048_576) } };
  expect(await relay(connection, large, { ...streams, clock: new ManualClock() })).toBeUndefined();
  expect([connection.destroyed, connection.frames]).toEqual([true, []]);
});
