import { beforeEach, describe, expect, it } from 'vitest';
import { trailerOf } from '#copy/copy-script.ts';
import type { CopyResult } from '#copy/copy-session.ts';
import type { FileSource, TreeSource } from '#copy/local-copies.ts';
import { upload } from '#copy/upload.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { FakeContainer } from '#test/fakes/fake-container.ts';

let container: FakeContainer;
/** How our source ended: `read` to its end, or `left` in the middle. */
let source: string[];

beforeEach(() => {
  container = new FakeContainer();
  source = [];
});

/** @param more runs after the pieces were read */
async function* reading(pieces: readonly string[], more?: () => Promise<void>) {
  let fate = 'left';
  try {
    for (const piece of pieces) yield Buffer.from(piece);
    await more?.();
    fate = 'read';
  } finally {
    source.push(fate);
  }
}

const file = (pieces: readonly string[], more?: () => Promise<void>): FileSource => ({
  kind: 'file',
  name: 'x',
  size: undefined,
  mode: 0o640,
  modifiedAt: undefined,
  read: () => reading(pieces, more),
});

const tree = (pieces: readonly string[]): TreeSource => ({
  kind: 'tree',
  name: 'x',
  isForeign: true,
  read: () => reading(pieces),
});

interface Running {
  readonly result: Promise<CopyResult>;
}

/** Starts an upload, up to the script in the container. */
async function start(from: FileSource | TreeSource = file(['content'])): Promise<Running> {
  const result = upload(container.ports, container.options, {
    source: from,
    path: '/srv/x',
    preserves: false,
  });
  // The test checks the result later.
  result.catch(() => undefined);
  await container.begin();
  return { result };
}

/** The trailer with the output of cksum(1) for `content`. */
const SUM = trailerOf('1579075118 7');

describe('upload', () => {
  it('sends a file after the container is ready, followed by its checksum', async () => {
    const { result } = await start();
    expect([container.stdin, source]).toEqual(['', []]);
    await container.says('ready plain\n');
    await container.takes();
    expect(container.stdin).toBe(`content${SUM}<end>`);
    await container.ends(0);
    expect(await result).toMatchObject({ exitCode: 0 });
    expect([source, container.told, container.bytes]).toEqual([['read'], ['file'], 7]);
  });

  it('compresses the file if the image can decompress it', async () => {
    await start();
    await container.says('ready gzip\n');
    expect(container.stdin).toBe(`(content)(${SUM})<end>`);
  });

  it('sends an archive without a checksum', async () => {
    await start(tree(['archive']));
    await container.says('ready plain\n');
    expect(container.stdin).toBe('archive<end>');
  });

  it.each([
    ['folder', 'destination-missing', 'The directory for web:/srv/x does not exist.'],
    ['occupied', 'destination-is-directory', 'web:/srv/x is a directory.'],
    ['file', 'destination-not-directory', 'web:/srv/x is not a directory.'],
    ['fifo', 'destination-unwritable', 'web:/srv/x is a FIFO or a socket, not a file.'],
    ['write', 'destination-unwritable', 'Cannot write web:/srv/x: Read-only file system.'],
    ['tool wc', 'image-lacks-tools', 'The image has no wc, which cp needs for a file.'],
    ['way', 'copy-failed', 'Copying web:/srv/x failed: Read-only file system.'],
  ])('reports the refusal "%s", and sends nothing', async (why, code, message) => {
    const { result } = await start();
    await container.says(`no ${why}\n`);
    await container.complains('sh: /srv/x: Read-only file system');
    await container.ends(1);
    await expect(result).rejects.toMatchObject({ code, message });
    expect([container.stdin.replace('<end>', ''), source]).toEqual(['', []]);
  });

  it('reports the status of a script that printed nothing', async () => {
    const { result } = await start();
    await container.ends(137);
    const message = 'Copying web:/srv/x failed: status 137 in the container.';
    await expect(result).rejects.toMatchObject({ code: 'copy-failed', message });
  });
});

describe('upload that the container cannot store', () => {
  it.each([
    ['damaged', '', 'copy-damaged'],
    ['write', 'gzip: stdin: unexpected end of file', 'copy-damaged'],
    ['write', 'gzip: crc error', 'copy-damaged'],
    ['write', 'tar: This does not look like a tar archive', 'copy-failed'],
    ['write', 'tar: short read', 'copy-failed'],
    ['write', 'dd: error writing: No space left on device', 'no-space'],
    ['write', '', 'destination-unwritable'],
  ])('reports the cause: %s, %j', async (why, complaint, code) => {
    const { result } = await start();
    await container.says('ready plain\n');
    if (complaint !== '') await container.complains(complaint);
    await container.says(`no ${why}\n`);
    await container.ends(1);
    await expect(result).rejects.toMatchObject({ code });
  });

  it('succeeds for part of a directory, and reports what was skipped', async () => {
    const { result } = await start(tree(['archive']));
    await container.says('ready plain\n');
    await container.complains('/srv/x/a: Is a directory');
    await container.says('no merge\n');
    await container.ends(1);
    expect(await result).toMatchObject({ exitCode: 0 });
    expect(container.told).toEqual(['skip /srv/x/a: Is a directory']);
  });
});

describe('upload from a source that fails', () => {
  it('ends the script before it accepts a partial file, and fails with the error of the source', async () => {
    const failure = new EcshError('source-unreadable', 'Cannot read ./x: EIO.');
    const { result } = await start(file(['half'], () => Promise.reject(failure)));
    await container.says('ready plain\n');
    expect(container.stdin).toBe('half');
    expect(container.signalled).toEqual(['KTERM 42']);
    await container.ends(143);
    await expect(result).rejects.toBe(failure);
  });
});

describe('an incomplete upload stops reading its source', () => {
  /** More than the buffers on the way can hold. */
  const endless = () => file(Array.from({ length: 1_000 }, () => 'x'.repeat(10_000)));

  it('if the connection is lost', async () => {
    const { result } = await start(endless());
    await container.says('ready plain\n');
    await container.vanishes();
    await expect(result).rejects.toMatchObject({ code: 'session-over', exitCode: 255 });
    expect(source).toEqual(['left']);
  });

  it('even if the source has no data, without waiting for it', async () => {
    const { result } = await start(file(['half'], () => new Promise(() => undefined)));
    await container.says('ready plain\n');
    await container.vanishes();
    await expect(result).rejects.toMatchObject({ code: 'session-over' });
  });

  it('if the script ends, with its reason', async () => {
    const { result } = await start(endless());
    await container.says('ready plain\n');
    await container.complains('dd: error writing: No space left on device');
    await container.says('no write\n');
    await container.ends(1);
    await expect(result).rejects.toMatchObject({ code: 'no-space' });
    expect(source).toEqual(['left']);
  });

  it("if it is stopped, regardless of the script's status", async () => {
    const { result } = await start(endless());
    await container.says('ready plain\n');
    container.signals.send('SIGINT');
    await container.says('no damaged\n');
    await container.ends(1);
    expect(await result).toMatchObject({ exitCode: 130, wasStopped: true });
    expect(source).toEqual(['left']);
  });
});
