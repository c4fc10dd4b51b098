import { beforeEach, describe, expect, it } from 'vitest';
import { DownloadReceiver } from '#copy/download-receiver.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { DAMAGE, FakeContainer, FakeDestination } from '#test/fakes/fake-container.ts';
import { settle } from '#test/fakes/manual-clock.ts';

let destination: FakeDestination;
let container: FakeContainer;
let sizes: (number | undefined)[];

beforeEach(() => {
  destination = new FakeDestination();
  container = new FakeContainer();
  sizes = [];
});

function receiverOf(isRecursive = false): DownloadReceiver {
  const onSize = (size: number | undefined) => sizes.push(size);
  return new DownloadReceiver(container.options, { isRecursive, destination, onSize });
}

/** Sends the complete output of the container. */
async function arrive(receiver: DownloadReceiver, text: string): Promise<void> {
  receiver.stdout.end(text);
  await receiver.settled();
  await settle();
}

describe('a received file or directory', () => {
  it('gets its name only after keep()', async () => {
    const receiver = receiverOf();
    await arrive(receiver, 'file plain 640 981173106 7\ncontent');
    expect(receiver.kind).toBe('file');
    expect(sizes).toEqual([7]);
    expect(destination.log).toEqual(['file 640']);
    await receiver.keep();
    await receiver.close();
    expect(destination.log).toEqual(['file 640', 'kept content']);
    expect([container.told, container.bytes]).toEqual([['file'], 7]);
  });

  it('has neither size nor mode if the image cannot report them', async () => {
    await arrive(receiverOf(), 'file plain\ncontent');
    expect(sizes).toEqual([undefined]);
    expect(destination.log).toEqual(['file -']);
  });

  it.each([
    ['file gzip 600 1 2\nab', false, 'kept (ab)'],
    ['tree gzip\nab', true, 'kept (ab)'],
    ['tree plain\nab', true, 'kept ab'],
  ])('is decompressed as announced: %j', async (text, isRecursive, kept) => {
    const receiver = receiverOf(isRecursive);
    await arrive(receiver, text);
    await receiver.keep();
    expect(destination.log.at(-1)).toBe(kept);
  });

  it('is discarded if it is complete but not kept', async () => {
    const receiver = receiverOf();
    await arrive(receiver, 'file plain\ncontent');
    await receiver.close();
    expect(destination.log).toEqual(['file -', 'put away']);
  });

  it('is discarded if it is incomplete', async () => {
    const receiver = receiverOf();
    receiver.stdout.write('file plain\ncon');
    await settle();
    await receiver.close();
    await settle();
    expect(destination.log).toEqual(['file -', 'put away']);
  });

  it('cannot be a directory if a file was requested', async () => {
    const receiver = receiverOf();
    // This is more than an unread stream can hold.
    await arrive(receiver, `tree plain\n${'x'.repeat(100_000)}`);
    expect(receiver.kind).toBeUndefined();
    expect(receiver.stdout.readableEnded).toBe(true);
    expect(destination.log).toEqual([]);
  });

  it('is not created if the container refuses', async () => {
    const receiver = receiverOf();
    await arrive(receiver, 'no tool tar\n');
    await receiver.close();
    expect([receiver.kind, receiver.refusal]).toEqual([undefined, 'tool tar']);
    expect(destination.log).toEqual([]);
  });
});

describe('odd output of the stat of a container', () => {
  it.each(['zz 1 2', '644 soon 2', '644 1 9e99', '644 1', '644 1 2 3'])(
    'is reported as an error of the container: %j',
    async (text) => {
      const receiver = receiverOf();
      await arrive(receiver, `file plain ${text}\ncontent`);
      expect(receiver.signal.aborted).toBe(true);
      const message = `Copying web:/srv/x failed: stat in the container printed "${text}".`;
      expect(() => receiver.assertTaken()).toThrow(
        expect.objectContaining({ code: 'copy-failed', message }),
      );
      expect([sizes, destination.log]).toEqual([[], []]);
    },
  );
});

describe('content that cannot be written', () => {
  const full = new EcshError('no-space', 'There is no room.');

  it('aborts the signal, and fails with the error of the destination', async () => {
    destination.failure = full;
    const receiver = receiverOf();
    expect([receiver.hasFailed, receiver.signal.aborted]).toEqual([false, false]);
    expect(() => receiver.assertTaken()).not.toThrow();
    await arrive(receiver, 'file plain\ncontent');
    expect([receiver.hasFailed, receiver.signal.aborted]).toEqual([true, true]);
    expect(receiver.isOutputLost).toBe(false);
    expect(() => receiver.assertTaken()).toThrow(full);
    await receiver.close();
    expect(destination.log).toEqual(['file -', 'put away']);
  });

  it('is reported as damaged if it cannot be decompressed', async () => {
    const receiver = receiverOf();
    await arrive(receiver, `file gzip\n${DAMAGE}`);
    expect(() => receiver.assertTaken()).toThrow(expect.objectContaining({ code: 'copy-damaged' }));
  });

  it('is reported as lost output if stdout is closed', async () => {
    const code = 'EPIPE';
    destination.failure = Object.assign(new Error('write EPIPE'), { code, syscall: 'write' });
    const receiver = receiverOf();
    await arrive(receiver, 'file plain\ncontent');
    expect(receiver.isOutputLost).toBe(true);
  });
});
