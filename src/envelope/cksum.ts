/** The CRC of cksum(1): POSIX, "cksum", with the length appended. */
const POLYNOMIAL = 0x04c11db7;

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit++) {
    value = value & 0x80000000 ? (value << 1) ^ POLYNOMIAL : value << 1;
  }
  return value >>> 0;
});

/** The output of `cksum` for the bytes given so far: `CRC LENGTH`. */
export class Cksum {
  #crc = 0;
  #length = 0;

  update(bytes: Uint8Array): void {
    let crc = this.#crc;
    for (const byte of bytes) crc = step(crc, byte);
    this.#crc = crc;
    this.#length += bytes.length;
  }

  toString(): string {
    let crc = this.#crc;
    for (let length = this.#length; length > 0; length = Math.floor(length / 256)) {
      crc = step(crc, length % 256);
    }
    return `${~crc >>> 0} ${this.#length}`;
  }
}

function step(crc: number, byte: number): number {
  return (crc << 8) ^ (TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0);
}
