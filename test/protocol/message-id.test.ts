import { describe, expect, it } from 'vitest';
import { readMessageId, writeMessageId, writeRandomId } from '#protocol/message-id.ts';

const ID = '00112233-4455-4677-8899-aabbccddeeff';

describe('the id of a message', () => {
  it('has its halves swapped in the frame, and does not overwrite other bytes (F-3)', () => {
    const frame = Buffer.alloc(20, 0x2e);
    writeMessageId(frame, ID, 2);
    expect(frame.toString('hex')).toBe('2e2e8899aabbccddeeff00112233445546772e2e');
    expect(readMessageId(frame, 2)).toBe(ID);
  });

  it('is a random UUID of version 4, different each time', () => {
    const frame = Buffer.alloc(16);
    const ids = Array.from({ length: 600 }, () => {
      writeRandomId(frame, 0);
      return readMessageId(frame, 0);
    });
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^.{14}4.{4}[89ab]/.test(id))).toEqual([]);
  });
});
