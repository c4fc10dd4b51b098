import { readFileSync } from 'node:fs';

/** A frame of test/wire/vectors.json with its fields as other codecs read them. */
export interface Vector {
  readonly name: string;
  readonly frame: Uint8Array;
  readonly headerLength: number;
  readonly messageType: string;
  readonly typePadding: string;
  readonly createdDate: number;
  readonly sequenceNumber: number;
  readonly flags: number;
  readonly messageId: string;
  readonly payloadType: number | undefined;
  readonly payload: Uint8Array;
}

/** A frame of test/wire/vectors-invalid.json and the name of its error. */
export interface InvalidVector {
  readonly name: string;
  readonly frame: Uint8Array;
  readonly error: string;
}

/** One binary message of a recorded session of the real peers. */
export interface RecordedFrame {
  readonly direction: string;
  /** Milliseconds since the first line of the recording. */
  readonly at: number;
  readonly frame: Uint8Array;
}

export type RecordedSession =
  | 'shell-interactive'
  | 'oneshot'
  | 'terminate'
  | 'kms'
  | 'port-forward';

export const VECTORS: readonly Vector[] = readEntries('vectors.json').map((entry) => {
  const fields = asRecord(entry.fields);
  return {
    name: asString(entry.name),
    frame: fromHex(entry.hex),
    headerLength: asNumber(fields.headerLength),
    messageType: asString(fields.messageType),
    typePadding: asString(fields.typePadding),
    createdDate: asNumber(fields.createdDate),
    sequenceNumber: asNumber(fields.sequenceNumber),
    flags: asNumber(fields.flags),
    messageId: asString(fields.messageId),
    payloadType: fields.payloadType === null ? undefined : asNumber(fields.payloadType),
    payload: fromHex(fields.payloadHex),
  };
});

/** A payload that is encrypted completely or, for a challenge, in its text; and its key. */
export interface EncryptedVector {
  readonly name: string;
  /** Nonce, ciphertext, tag. */
  readonly encrypted: Uint8Array;
  readonly dataKey: Uint8Array;
  readonly plaintext: Uint8Array;
}

export const ENCRYPTED_VECTORS: readonly EncryptedVector[] = readEntries('vectors.json')
  .map((entry) => ({ name: asString(entry.name), fields: asRecord(entry.fields) }))
  .filter(({ fields }) => 'dataKeyHex' in fields)
  .map(({ name, fields }) => ({
    name,
    encrypted: name.startsWith('enc-challenge')
      ? Buffer.from(
          asString(asRecord(JSON.parse(asString(fields.payloadUtf8))).Challenge),
          'base64',
        )
      : fromHex(fields.payloadHex),
    dataKey: fromHex(fields.dataKeyHex),
    plaintext: fromHex(fields.plaintextHex),
  }));

/** The data key of the recorded session with KMS: both its plaintext and its ciphertext. */
export function readDataKey(): { readonly plaintext: Uint8Array; readonly ciphertext: Uint8Array } {
  const calls = readText('kms.jsonl')
    .split('\n')
    .filter((line) => line.includes('"op":"GenerateDataKey"'))
    .map((line) => asRecord(asRecord(asRecord(JSON.parse(line)).event).response));
  const [answer = {}] = calls;
  return {
    plaintext: Buffer.from(asString(answer.Plaintext), 'base64'),
    ciphertext: Buffer.from(asString(answer.CiphertextBlob), 'base64'),
  };
}

export const INVALID_VECTORS: readonly InvalidVector[] = readEntries('vectors-invalid.json').map(
  (entry) => ({
    name: asString(entry.name),
    frame: fromHex(entry.hex),
    error: asString(entry.error),
  }),
);

/** The binary messages of a recording in the order in which the gateway handled them. */
export function readSession(name: RecordedSession): readonly RecordedFrame[] {
  return readText(`${name}.jsonl`)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => asRecord(JSON.parse(line)))
    .filter((record) => record.kind === 'binary')
    .map((record) => ({
      direction: asString(record.dir),
      at: asNumber(record.t_ms),
      frame: new Uint8Array(Buffer.from(asString(record.base64), 'base64')),
    }));
}

function readText(file: string): string {
  return readFileSync(new URL(`../wire/${file}`, import.meta.url), 'utf8');
}

function readEntries(file: string): readonly Record<string, unknown>[] {
  const entries: unknown = JSON.parse(readText(file));
  if (!Array.isArray(entries)) throw new TypeError(`${file} is not a list`);
  return entries.map(asRecord);
}

function fromHex(value: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(asString(value), 'hex'));
}

function asRecord(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new TypeError('not an object');
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function asString(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a string');
  return value;
}

function asNumber(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('not a number');
  return value;
}
