import { expect, it } from 'vitest';
import type { CopyReply } from '#copy/copy-script.ts';
import { ReplyStream } from '#copy/reply-stream.ts';

async function pass(...chunks: readonly string[]) {
  const replies: CopyReply[] = [];
  const stream = new ReplyStream((reply) => replies.push(reply));
  for (const chunk of chunks) stream.write(Buffer.from(chunk, 'latin1'));
  stream.end();
  const rest: Buffer[] = [];
  for await (const chunk of stream) rest.push(chunk);
  return { replies, rest: Buffer.concat(rest).toString('latin1') };
}

const TREE: CopyReply = { kind: 'tree', isCompressed: true };

it.each<readonly [string, readonly string[]]>([
  ['at once', ['tree gzip\n\x1f\x8b\nabc']],
  ['byte by byte', [...'tree gzip\n\x1f\x8b\nabc']],
  ['with the line separate', ['tree gzip\n', '\x1f\x8b\nabc']],
])('consumes the first line if the data arrives %s', async (_name, chunks) => {
  expect(await pass(...chunks)).toEqual({ replies: [TREE], rest: '\x1f\x8b\nabc' });
});

it('ignores an unknown line', async () => {
  expect(await pass('hello\nworld\n')).toEqual({ replies: [], rest: 'world\n' });
});

it('passes on text that is longer than any line of the script', async () => {
  const long = 'x'.repeat(5_000);
  expect(await pass(long, 'tree gzip\n')).toEqual({ replies: [], rest: `${long}tree gzip\n` });
});

it('passes on nothing if the line is incomplete', async () => {
  expect(await pass('tree gzip')).toEqual({ replies: [], rest: '' });
});
