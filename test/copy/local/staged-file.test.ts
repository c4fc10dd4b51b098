import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stageFile } from '#copy/local/staged-file.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

const OPTIONS = { umask: 0o022, pid: 100, isRunning: () => false, preserves: false };

async function* bytes(text: string) {
  yield Buffer.from(text);
}

describe('a staged file', () => {
  // A failing copy would leave a partial file at the destination.
  it('is copied over its destination only if the destination is a mount', async () => {
    const folder = temporaryFolder('staged');
    const staged = await stageFile(OPTIONS, {
      raw: join(folder, 'x'),
      existing: undefined,
      content: bytes('a'),
      attributes: { mode: 0o644, modifiedAt: undefined },
    });
    mkdirSync(join(folder, 'x'));
    await expect(staged.commit()).rejects.toMatchObject({ code: 'EISDIR', syscall: 'rename' });
    await staged.discard();
    expect(readdirSync(folder)).toEqual(['x']);
  });
});
