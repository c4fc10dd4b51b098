import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programFiles } from '#local/program-files.ts';
import { removeFolder, temporaryFolder } from '#test/helpers/temporary.ts';

describe('programs on this machine', () => {
  it('are found on PATH in its order', async () => {
    await inFolder(async (folder) => {
      for (const name of ['a', 'b']) {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, 'tool'), '');
      }
      const PATH = `${folder}/none:${folder}/b::${folder}/a`;
      const files = programFiles({ platform: 'linux', env: { PATH } }, []);
      expect(await files.find('tool')).toEqual([`${folder}/b/tool`, `${folder}/a/tool`]);
      expect(await files.find('other')).toEqual([]);
    });
  });

  it('are written executable for everybody, and their folder is created', async () => {
    await inFolder(async (folder) => {
      const files = programFiles({ platform: 'linux', env: {} }, []);
      const path = join(folder, 'new/bin/tool');
      await files.write(path, '#!/bin/sh\n');
      expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([
        '#!/bin/sh\n',
        0o755,
      ]);
      await files.link(path, join(folder, 'other'));
      expect(await files.readHead(join(folder, 'other'))).toBe('#!/bin/sh\n');
      expect(await files.readHead(join(folder, 'missing'))).toBeUndefined();
    });
  });

  it('are compared by their bytes, and searched completely', async () => {
    await inFolder(async (folder) => {
      const files = programFiles({ platform: 'linux', env: {} }, []);
      const [one = '', twin = '', other = ''] = ['a', 'b', 'c'].map((name) => join(folder, name));
      // The text crosses the end of a block.
      const content = `${'x'.repeat(1024 * 1024 - 3)}marked`;
      writeFileSync(one, content);
      writeFileSync(twin, content);
      writeFileSync(other, content.replace('marked', 'plain!'));
      await files.link(one, join(folder, 'link'));
      expect(
        await Promise.all(
          [twin, join(folder, 'link'), other].map((path) => files.isSame(one, path)),
        ),
      ).toEqual([true, true, false]);
      expect([await files.contains(one, 'marked'), await files.contains(other, 'marked')]).toEqual([
        true,
        false,
      ]);
    });
  });

  it.skipIf(!existsSync('/proc/self'))('report a folder that cannot be created', async () => {
    const files = programFiles({ platform: 'linux', env: {} }, []);
    await expect(files.write('/proc/none/bin/tool', '')).rejects.toMatchObject({
      code: 'file-unwritable',
    });
  });

  it('report a FIFO or a folder in their place', async () => {
    await inFolder(async (folder) => {
      execFileSync('mkfifo', [join(folder, 'fifo')]);
      const files = programFiles({ platform: 'linux', env: {} }, []);
      for (const path of [join(folder, 'fifo'), folder]) {
        await expect(files.readHead(path)).rejects.toMatchObject({ code: 'file-unwritable' });
      }
    });
  });

  it('report a folder that is not writable', async () => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, 'file'), '');
      const files = programFiles({ platform: 'linux', env: {} }, []);
      await expect(files.write(join(folder, 'file/tool'), '')).rejects.toMatchObject({
        code: 'file-unwritable',
      });
    });
  });
});

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder('programs');
  try {
    await run(folder);
  } finally {
    await removeFolder(folder);
  }
}
