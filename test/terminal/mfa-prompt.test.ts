import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { askMfaCode } from '#terminal/mfa-prompt.ts';
import { BufferStream } from '#test/fakes/fake-streams.ts';

const SERIAL = 'arn:aws:iam::123456789012:mfa/me';

function prompt(typed: string) {
  const output = new BufferStream();
  const input = new PassThrough();
  input.end(typed);
  const keyboard = { input, isOpen: true, close: () => undefined };
  keyboard.close = () => {
    keyboard.isOpen = false;
    return undefined;
  };
  return { output, keyboard, ask: { obstacle: undefined, openInput: () => keyboard, output } };
}

it.each(['123456\n', ' 123456 \r\n', '123456'])(
  'asks for the code on one line: %j',
  async (typed) => {
    const { output, keyboard, ask } = prompt(typed);
    expect(await askMfaCode(SERIAL, ask)).toBe('123456');
    expect(output.text).toBe(`MFA code of ${SERIAL}: `);
    expect(keyboard.isOpen).toBe(false);
  },
);

it.each(['', '\n', '  \n'])('fails with an empty answer: %j', async (typed) => {
  const { keyboard, ask } = prompt(typed);
  await expect(askMfaCode(SERIAL, ask)).rejects.toMatchObject({
    code: 'mfa-required',
    message: `The profile needs a code of the MFA device ${SERIAL}, and none was given.`,
  });
  expect(keyboard.isOpen).toBe(false);
});

it('does not ask if no answer is possible', async () => {
  const { output, ask } = prompt('123456\n');
  await expect(askMfaCode(SERIAL, { ...ask, obstacle: 'nobody is there' })).rejects.toMatchObject({
    code: 'mfa-required',
    message: `The profile needs a code of the MFA device ${SERIAL}, and nobody is there.`,
    hint: expect.stringContaining('aws sts get-session-token'),
  });
  const openInput = () => {
    throw new Error('ENXIO');
  };
  await expect(askMfaCode(SERIAL, { ...ask, openInput })).rejects.toMatchObject({
    message: `The profile needs a code of the MFA device ${SERIAL}, and there is no terminal to ask on.`,
  });
  expect(output.text).toBe('');
});
