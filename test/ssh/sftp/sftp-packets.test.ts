import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attributeFields,
  MAX_BYTES,
  PacketSplitter,
  packet,
  Type,
} from '#ssh/sftp/sftp-packets.ts';
import { rounds } from '#test/helpers/rounds.ts';

describe('packets of SFTP', () => {
  it('match the examples of the draft', () => {
    const open = packet(Type.open, { uint32: 7 }, { text: 'a\xff' }, { uint32: 26 });
    expect(open.toString('hex')).toBe('0000000f' + '03' + '00000007' + '0000000261ff' + '0000001a');
  });

  it('are complete, however the stream is split', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 }),
        fc.array(fc.nat(60), { maxLength: 40 }),
        (payloads, cuts) => {
          let stream = Buffer.concat(
            payloads.map((bytes, id) => packet(Type.data, { uint32: id }, { bytes })),
          );
          const splitter = new PacketSplitter();
          const seen: string[] = [];
          const feed = (length: number) => {
            for (const reader of splitter.push(stream.subarray(0, length))) {
              seen.push(`${reader.type} ${reader.uint32()} ${reader.bytes().toString('hex')}`);
            }
            stream = stream.subarray(length);
          };
          for (const cut of cuts) feed(cut);
          feed(stream.length);
          expect(seen).toEqual(
            payloads.map((bytes, id) => `103 ${id} ${Buffer.from(bytes).toString('hex')}`),
          );
        },
      ),
      { numRuns: rounds(300) },
    );
  });

  it.each([0, MAX_BYTES + 1, 0xffffffff])('of %d bytes end the connection', (length) => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(length);
    expect(() => new PacketSplitter().push(head)).toThrowError(RangeError);
  });

  it('are rejected if a string extends past their end', () => {
    const [reader] = new PacketSplitter().push(Buffer.from('0000000503000000ff', 'hex'));
    expect(() => reader?.bytes()).toThrowError(RangeError);
  });

  it.each([
    [{}],
    [{ size: 2 ** 40, mode: 0o100644 }],
    [{ uid: 0, gid: 5, accessedAt: 1, modifiedAt: 2 }],
  ])('carry attributes: %j', (attributes) => {
    const [reader] = new PacketSplitter().push(packet(Type.attrs, ...attributeFields(attributes)));
    const read = reader?.attributes() ?? {};
    expect(
      Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)),
    ).toEqual(attributes);
  });
});
