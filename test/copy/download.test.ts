import { beforeEach, describe, expect, it } from 'vitest';
import type { CopyResult } from '#copy/copy-session.ts';
import { type Download, download } from '#copy/download.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ExecRunOptions } from '#exec/exec-run-options.ts';
import { DAMAGE, FakeContainer, FakeDestination } from '#test/fakes/fake-container.ts';

let container: FakeContainer;
let destination: FakeDestination;

beforeEach(() => {
  container = new FakeContainer();
  destination = new FakeDestination();
});

interface Running {
  readonly result: Promise<CopyResult>;
}

/** Starts a download, up to the script in the container. */
async function start(changes: Partial<Download> = {}): Promise<Running> {
  const result = download(container.ports, container.options, {
    path: '/srv/x',
    isRecursive: false,
    asArchive: false,
    destination,
    onSize: () => undefined,
    ...changes,
  });
  // The test checks the result later.
  result.catch(() => undefined);
  await container.begin();
  return { result };
}

describe('download', () => {
  it('keeps a file after the container has reported success', async () => {
    const { result } = await start();
    await container.says('file plain 640 981173106 12\nsome ');
    await container.says('content');
    expect(destination.log).toEqual(['file 640']);
    await container.ends(0);
    expect(await result).toMatchObject({ exitCode: 0 });
    expect(destination.log).toEqual(['file 640', 'kept some content']);
  });

  it.each([
    ['missing', 'source-missing', 'web:/srv/x: no such file or directory.'],
    ['directory', 'source-is-directory', 'web:/srv/x is a directory.'],
    ['special', 'source-not-file', 'web:/srv/x is a FIFO, a socket or a device, not a file.'],
    ['read', 'source-unreadable', 'Cannot read web:/srv/x: Permission denied.'],
    ['tool tar', 'image-lacks-tools', 'The image has no tar, which cp needs for a directory.'],
    ['way', 'copy-failed', 'Copying web:/srv/x failed: Permission denied.'],
  ])('reports the refusal "%s"', async (why, code, message) => {
    const { result } = await start();
    await container.says(`no ${why}\n`);
    await container.complains('sh: cannot open /srv/x: Permission denied');
    await container.ends(1);
    await expect(result).rejects.toMatchObject({ code, message });
    expect(destination.log).toEqual([]);
  });

  it('reports the status of a script that printed nothing', async () => {
    const { result } = await start();
    await container.ends(137);
    const message = 'Copying web:/srv/x failed: status 137 in the container.';
    await expect(result).rejects.toMatchObject({ code: 'copy-failed', message });
  });

  it('discards a file that could not be read to its end', async () => {
    const { result } = await start();
    await container.says('file plain\nhalf');
    await container.complains('cat: /srv/x: Input/output error');
    await container.ends(1);
    const message = 'Cannot read web:/srv/x: Input/output error.';
    await expect(result).rejects.toMatchObject({ code: 'source-unreadable', message });
    expect(destination.log).toEqual(['file -', 'put away']);
  });
});

describe('download of a directory', () => {
  it.each([
    [
      1,
      ['tar: ./log: file changed as we read it'],
      'notice tar: ./log: file changed as we read it',
    ],
    [2, ['tar: ./key: Permission denied'], 'skip tar: ./key: Permission denied'],
    [2, [], 'skip tar ended with status 2'],
    [0, ['tar: ./s: socket ignored'], 'notice tar: ./s: socket ignored'],
  ])('keeps the readable entries: status %i, %j', async (status, complaints, told) => {
    const { result } = await start({ isRecursive: true });
    await container.says('tree plain\narchive');
    for (const line of complaints) await container.complains(line);
    await container.ends(status);
    expect(await result).toMatchObject({ exitCode: 0 });
    expect(destination.log).toEqual(['tree', 'kept archive']);
    expect(container.told).toEqual([told]);
  });
});

describe('download to a destination that fails', () => {
  it('ends the script, and fails with the error of the destination', async () => {
    destination.failure = new EcshError('no-space', 'There is no room.');
    const { result } = await start();
    await container.says('file plain\ncontent');
    expect(container.signalled).toEqual(['KTERM 42']);
    await container.ends(143);
    await expect(result).rejects.toBe(destination.failure);
    expect(destination.log).toEqual(['file -', 'put away']);
  });

  it('reports damaged content', async () => {
    const { result } = await start();
    await container.says(`file gzip\n${DAMAGE}`);
    expect(container.signalled).toEqual(['KTERM 42']);
    await container.ends(143);
    await expect(result).rejects.toMatchObject({ code: 'copy-damaged' });
  });

  it.each([141, 255])(
    'waits for the error of the local side, also with status %i',
    async (exitCode) => {
      let fail: (reason: Error) => void = () => undefined;
      const unfinished = new Promise<never>((_, reject) => {
        fail = reject;
      });
      const run = async (_ports: unknown, { stdout }: ExecRunOptions) => {
        stdout.write('tree plain\n');
        setImmediate(() =>
          setImmediate(() => fail(Object.assign(new Error('wrong'), { code: 'Z_DATA_ERROR' }))),
        );
        return {
          status: undefined,
          exitCode,
          wasStopped: true,
          sessionId: 's',
          failure: undefined,
        };
      };
      const result = download(
        container.ports,
        { ...container.options, run },
        {
          path: '/srv/x',
          isRecursive: true,
          asArchive: false,
          destination: { writeFile: () => unfinished, writeTree: () => unfinished },
          onSize: () => undefined,
        },
      );
      await expect(result).rejects.toMatchObject({ code: 'copy-damaged' });
    },
  );

  it('exits with 141 if the reader of stdout closes the pipe', async () => {
    destination.failure = Object.assign(new Error('write EPIPE'), { syscall: 'write' });
    const { result } = await start();
    await container.says('file plain\ncontent');
    await container.ends(143);
    expect(await result).toMatchObject({ exitCode: 141 });
  });
});

describe('an incomplete download is discarded', () => {
  it('if the connection is lost', async () => {
    const { result } = await start();
    await container.says('file plain\nhalf');
    await container.vanishes();
    await expect(result).rejects.toMatchObject({ code: 'session-over', exitCode: 255 });
    expect(destination.log).toEqual(['file -', 'put away']);
  });

  it('if the session ends without a status', async () => {
    const { result } = await start({ isRecursive: true });
    await container.says('tree plain\nhalf');
    container.remote.agent.close();
    await expect(result).rejects.toMatchObject({ code: 'status-unknown' });
    expect(destination.log).toEqual(['tree', 'put away']);
  });

  it("if it is stopped, regardless of the script's status", async () => {
    const { result } = await start();
    await container.says('file plain\nhalf');
    container.signals.send('SIGINT');
    await container.ends(0);
    expect(await result).toMatchObject({ exitCode: 130, wasStopped: true });
    expect(destination.log).toEqual(['file -', 'put away']);
  });
});
