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
  ['with the line apart', ['tree gzip\n', '\x1f\x8b\nabc']],
])('takes the first line for itself when all comes %s', async (_name, chunks) => {
  expect(await pass(...chunks)).toEqual({ replies: [TREE], rest: '\x1f\x8b\nabc' });
});

it('says nothing of a line that the script would not say', async () => {
  expect(await pass('hello\nworld\n')).toEqual({ replies: [], rest: 'world\n' });
});

it('takes what is longer than any line of the script for none of it', async () => {
  const long = 'x'.repeat(5_000);
  expect(await pass(long, 'tree gzip\n')).toEqual({ replies: [], rest: `${long}tree gzip\n` });
});

it('passes nothing where the line has no end', async () => {
  expect(await pass('tree gzip')).toEqual({ replies: [], rest: '' });
});
