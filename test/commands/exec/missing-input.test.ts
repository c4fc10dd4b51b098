import { expect, it } from 'vitest';
import { addExecCommand } from '#commands/exec/exec-command.ts';
import type { ExecCommandOptions } from '#commands/exec/exec-options.ts';
import { inputHint } from '#commands/exec/missing-input.ts';
import { FakeApp } from '#test/helpers/app.ts';
import { optionsOf } from '#test/helpers/command-options.ts';

async function hintFor(words: string, { isTTY = false, hasUnreadInput = false }) {
  const app = new FakeApp({ hasUnreadInput });
  Object.assign(app.stdin, { isTTY });
  const { target = '', ...options } = await optionsOf<ExecCommandOptions>(addExecCommand, [
    'exec',
    ...words.split(' '),
  ]);
  return inputHint(app, { ...options, target });
}

it.each([
  ['demo/web -- wc -c', 'ecsh exec -i demo/web -- wc -c'],
  ['-C demo web -- psql', 'ecsh exec -i demo/web -- psql'],
])('unsent data on stdin is reported: %s', async (words, typed) => {
  expect(await hintFor(words, { hasUnreadInput: true })).toBe(
    `stdin was not sent to the command. To send it:  ${typed}`,
  );
  expect(await hintFor(words, {})).toBeUndefined();
});

it.each([
  ['demo/web -- bash', 'bash had no input. On a terminal:  ecsh exec -it demo/web -- bash'],
  ['--like-ssh demo/web -- psql', 'psql had no input. On a terminal:  ecsh -t demo/web psql'],
  [
    'demo/web -- /bin/sh',
    '/bin/sh had no input. On a terminal:  ecsh exec -it demo/web -- /bin/sh',
  ],
  ['demo/web -- ls', undefined],
  ['demo/web -- bash -c ls', undefined],
  ['-i demo/web -- bash', undefined],
])('a shell without -t on a terminal gets a hint: %s', async (words, hint) => {
  expect(await hintFor(words, { isTTY: true, hasUnreadInput: true })).toBe(hint);
});
