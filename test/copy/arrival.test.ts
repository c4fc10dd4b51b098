import { beforeEach, describe, expect, it } from 'vitest';
import { Arrival } from '#copy/arrival.ts';
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

function expectArrival(isRecursive = false): Arrival {
  const onSize = (size: number | undefined) => sizes.push(size);
  return new Arrival(container.options, { isRecursive, destination, onSize });
}

/** All of it, with its end. */
async function arrive(arrival: Arrival, text: string): Promise<void> {
  arrival.stdout.end(text);
  await arrival.settled();
  await settle();
}

describe('what arrives', () => {
  it('gets its name when it is kept, and not before', async () => {
    const arrival = expectArrival();
    await arrive(arrival, 'file plain 640 981173106 7\ncontent');
    expect(arrival.kind).toBe('file');
    expect(sizes).toEqual([7]);
    expect(destination.log).toEqual(['file 640']);
    await arrival.keep();
    await arrival.close();
    expect(destination.log).toEqual(['file 640', 'kept content']);
    expect([container.told, container.bytes]).toEqual([['file'], 7]);
  });

  it('has neither size nor mode where the image cannot tell', async () => {
    await arrive(expectArrival(), 'file plain\ncontent');
    expect(sizes).toEqual([undefined]);
    expect(destination.log).toEqual(['file -']);
  });

  it.each([
    ['file gzip 600 1 2\nab', false, 'kept (ab)'],
    ['tree gzip\nab', true, 'kept (ab)'],
    ['tree plain\nab', true, 'kept ab'],
  ])('is unpacked as it says: %j', async (text, isRecursive, kept) => {
    const arrival = expectArrival(isRecursive);
    await arrive(arrival, text);
    await arrival.keep();
    expect(destination.log.at(-1)).toBe(kept);
  });

  it('is put away whole when it is not kept', async () => {
    const arrival = expectArrival();
    await arrive(arrival, 'file plain\ncontent');
    await arrival.close();
    expect(destination.log).toEqual(['file -', 'put away']);
  });

  it('is put away half when no more comes', async () => {
    const arrival = expectArrival();
    arrival.stdout.write('file plain\ncon');
    await settle();
    await arrival.close();
    await settle();
    expect(destination.log).toEqual(['file -', 'put away']);
  });

  it('is no directory where a file was asked for', async () => {
    const arrival = expectArrival();
    // More than a stream holds that nobody reads.
    await arrive(arrival, `tree plain\n${'x'.repeat(100_000)}`);
    expect(arrival.kind).toBeUndefined();
    expect(arrival.stdout.readableEnded).toBe(true);
    expect(destination.log).toEqual([]);
  });

  it('is nothing where the container refuses', async () => {
    const arrival = expectArrival();
    await arrive(arrival, 'no tool tar\n');
    await arrival.close();
    expect([arrival.kind, arrival.refusal]).toEqual([undefined, 'tool tar']);
    expect(destination.log).toEqual([]);
  });
});

describe('what cannot be taken', () => {
  const full = new EcshError('no-space', 'There is no room.');

  it('raises the signal, and fails with what the destination says', async () => {
    destination.failure = full;
    const arrival = expectArrival();
    expect([arrival.hasFailed, arrival.signal.aborted]).toEqual([false, false]);
    expect(() => arrival.assertTaken()).not.toThrow();
    await arrive(arrival, 'file plain\ncontent');
    expect([arrival.hasFailed, arrival.signal.aborted]).toEqual([true, true]);
    expect(arrival.isOutputLost).toBe(false);
    expect(() => arrival.assertTaken()).toThrow(full);
    await arrival.close();
    expect(destination.log).toEqual(['file -', 'put away']);
  });

  it('is called damaged where it cannot be decompressed', async () => {
    const arrival = expectArrival();
    await arrive(arrival, `file gzip\n${DAMAGE}`);
    expect(() => arrival.assertTaken()).toThrow(expect.objectContaining({ code: 'copy-damaged' }));
  });

  it('is lost output where our stdout takes no more', async () => {
    const code = 'EPIPE';
    destination.failure = Object.assign(new Error('write EPIPE'), { code, syscall: 'write' });
    const arrival = expectArrival();
    await arrive(arrival, 'file plain\ncontent');
    expect(arrival.isOutputLost).toBe(true);
  });
});
