/** smux frames as in PROTOCOL 7.3, written independently of the simulator's own code. */
export const SYN = 0;
export const FIN = 1;
export const PSH = 2;
export const NOP = 3;

export type SmuxFrame = readonly [command: number, id: number, data: string];

export function smux(command: number, id: number, data: string | Uint8Array = ''): Buffer {
  const body = Buffer.from(data);
  const length = body.length;
  const header = [1, command, length & 0xff, length >> 8];
  const stream = [id & 0xff, (id >> 8) & 0xff, (id >> 16) & 0xff, id >>> 24];
  return Buffer.concat([Buffer.from([...header, ...stream]), body]);
}

/** Returns the complete frames in a run of bytes, with data as latin1. */
export function readSmux(bytes: Uint8Array): SmuxFrame[] {
  const frames: SmuxFrame[] = [];
  let rest = Buffer.from(bytes);
  while (rest.length >= 8) {
    const [version, command = 0, low = 0, high = 0, a = 0, b = 0, c = 0, d = 0] = rest;
    if (version !== 1) throw new Error(`smux version ${version}`);
    const length = low + (high << 8);
    if (rest.length < 8 + length) break;
    const id = a + (b << 8) + (c << 16) + d * 2 ** 24;
    frames.push([command, id, rest.toString('latin1', 8, 8 + length)]);
    rest = rest.subarray(8 + length);
  }
  return frames;
}
