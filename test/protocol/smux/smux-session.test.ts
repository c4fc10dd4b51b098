import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeSmuxData, encodeSmuxSignal, SmuxDecoder } from '#protocol/smux/smux-frame.ts';
import { type SmuxEvent, SmuxSession } from '#protocol/smux/smux-session.ts';
import { rounds } from '#test/helpers/rounds.ts';

const MEBIBYTE = 1024 * 1024;

describe('a smux session of the client', () => {
  it('opens streams with odd ids from 3', () => {
    const session = new SmuxSession();
    expect([session.open(), session.open(), session.open()]).toEqual([3, 5, 7]);
    expect(framesOf(session)).toEqual(['syn 3', 'syn 5', 'syn 7']);
    expect(framesOf(session)).toEqual([]);
  });

  it('sends data and the end of a stream in order', () => {
    const session = new SmuxSession();
    const id = session.open();
    session.send(id, Buffer.from('hello'));
    session.close(id);
    session.close(id);
    session.send(id, Buffer.from('too late'));
    expect(framesOf(session)).toEqual(['syn 3', 'psh 3 hello', 'fin 3']);
  });

  it('answers the end of a stream, and sends nothing more for it', () => {
    const session = new SmuxSession();
    const id = session.open();
    framesOf(session);
    expect(session.receive(fin(id))).toEqual([{ type: 'closed', streamId: id, hadData: false }]);
    session.send(id, Buffer.from('too late'));
    session.close(id);
    expect(framesOf(session)).toEqual(['fin 3']);
  });

  it('reports whether data arrived before the end', () => {
    const session = new SmuxSession();
    const id = session.open();
    const bytes = Buffer.concat([...psh(id, 'x'), fin(id)]);
    expect(session.receive(bytes)).toEqual([
      { type: 'data', streamId: id, data: Buffer.from('x') },
      { type: 'closed', streamId: id, hadData: true },
    ]);
  });

  it('drops data for a stream that it has closed, or never opened', () => {
    const session = new SmuxSession();
    const id = session.open();
    session.close(id);
    const bytes = Buffer.concat([...psh(id, 'late'), fin(id), ...psh(99, 'who'), fin(99)]);
    expect(session.receive(bytes)).toEqual([]);
  });

  it("accepts nothing after the peer's end", () => {
    const session = new SmuxSession();
    const id = session.open();
    expect(session.receive(Buffer.concat([fin(id), ...psh(id, 'x'), fin(id)]))).toHaveLength(1);
  });

  it('accepts keepalives of the peer, but no new streams', () => {
    const session = new SmuxSession();
    expect(session.receive(encodeSmuxSignal('nop', 0))).toEqual([]);
    expect(session.receive(encodeSmuxSignal('syn', 2))).toEqual([
      { type: 'ignored', what: 'stream 2, which the peer opened' },
    ]);
    expect(framesOf(session)).toEqual([]);
  });
});

describe('data for slow readers', () => {
  it('is full at 4 MiB of all streams together, until half of it is read', () => {
    const session = new SmuxSession();
    const [one, two] = [session.open(), session.open()];
    receiveBytes(session, one, 3 * MEBIBYTE);
    receiveBytes(session, two, MEBIBYTE - 1);
    expect(session.isFull).toBe(false);
    receiveBytes(session, two, 1);
    expect(session.isFull).toBe(true);
    session.consume(one, 2 * MEBIBYTE - 1);
    expect(session.isFull).toBe(true);
    session.consume(two, 1);
    expect(session.isFull).toBe(false);
  });

  it('frees its room when its stream is closed', () => {
    const session = new SmuxSession();
    const id = session.open();
    receiveBytes(session, id, 4 * MEBIBYTE);
    session.receive(fin(id));
    expect(session.isFull).toBe(true);
    session.close(id);
    expect(session.isFull).toBe(false);
    // Reported late, for a closed stream.
    session.consume(id, 4 * MEBIBYTE);
    receiveBytes(session, session.open(), 4 * MEBIBYTE);
    expect(session.isFull).toBe(true);
  });
});

describe('two connected sessions', () => {
  const action = fc.record({
    kind: fc.constantFrom('send' as const, 'answer' as const, 'close' as const, 'end' as const),
    stream: fc.nat(4),
    data: fc.uint8Array({ minLength: 1, maxLength: 70_000, size: 'max' }),
  });

  it('transfer streams completely, in order and separately, however the bytes are split', () => {
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 30 }),
        fc.integer({ min: 1, max: 5000 }),
        (acts, cut) => {
          const client = new SmuxSession();
          const server = new NaiveServer();
          const ids = Array.from({ length: 5 }, () => client.open());
          const sent = new Map<number, string>();
          const answered = new Map<number, string>();
          const got = new Map<number, string>();
          const open = new Set(ids);
          const add = (to: Map<number, string>, id: number, data: Uint8Array) =>
            to.set(id, (to.get(id) ?? '') + Buffer.from(data).toString('latin1'));
          const exchange = () => {
            server.receive(client.takeOutgoing());
            for (const chunk of chunksOf(server.takeOutgoing(), cut)) {
              for (const event of client.receive(chunk)) {
                if (event.type === 'data') add(got, event.streamId, event.data);
              }
            }
          };
          for (const { kind, stream, data } of acts) {
            const id = ids[stream] ?? 3;
            if (!open.has(id)) continue;
            if (kind === 'send') {
              client.send(id, data);
              add(sent, id, data);
            } else if (kind === 'answer') {
              server.send(id, data);
              add(answered, id, data);
              exchange();
            } else {
              open.delete(id);
              if (kind === 'close') client.close(id);
              else server.close(id);
              exchange();
            }
          }
          exchange();
          exchange();
          expect(server.received).toEqual(sent);
          expect(got).toEqual(answered);
          expect(server.ended).toEqual(new Set(ids.filter((id) => !open.has(id))));
        },
      ),
      { seed: 1, numRuns: rounds(100) },
    );
  });
});

/** The remote end, which decodes complete frames with its own codec. */
class NaiveServer {
  readonly received = new Map<number, string>();
  readonly ended = new Set<number>();
  #bytes = Buffer.alloc(0);
  #outgoing: Uint8Array[] = [];

  receive(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    while (this.#bytes.length >= 8) {
      const length = this.#bytes.readUInt16LE(2);
      if (this.#bytes.length < 8 + length) return;
      const [command, id] = [this.#bytes[1], this.#bytes.readUInt32LE(4)];
      const text = this.#bytes.toString('latin1', 8, 8 + length);
      if (command === 1) this.ended.add(id);
      if (command === 2) this.received.set(id, (this.received.get(id) ?? '') + text);
      this.#bytes = this.#bytes.subarray(8 + length);
    }
  }

  send(id: number, data: Uint8Array): void {
    this.#outgoing.push(...psh(id, data));
  }

  close(id: number): void {
    this.#outgoing.push(fin(id));
  }

  takeOutgoing(): Uint8Array {
    const bytes = Buffer.concat(this.#outgoing);
    this.#outgoing = [];
    return bytes;
  }
}

function framesOf(session: SmuxSession): readonly string[] {
  return [...new SmuxDecoder().read(session.takeOutgoing())].map((part) =>
    part.command === 'psh'
      ? `psh ${part.streamId} ${Buffer.from(part.data)}`
      : `${part.command} ${part.streamId}`,
  );
}

function receiveBytes(session: SmuxSession, id: number, length: number): readonly SmuxEvent[] {
  return session.receive(Buffer.concat(encodeSmuxData(id, new Uint8Array(length))));
}

function psh(id: number, data: string | Uint8Array): readonly Uint8Array[] {
  return encodeSmuxData(id, Buffer.from(data));
}

function fin(id: number): Uint8Array {
  return encodeSmuxSignal('fin', id);
}

function chunksOf(bytes: Uint8Array, length: number): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / length);
  return Array.from({ length: count }, (_, n) => bytes.subarray(n * length, (n + 1) * length));
}
