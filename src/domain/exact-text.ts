/**
 * Names of files are bytes and need not be UTF-8. So that such a name can be part of a string, each byte that is not
 * part of valid UTF-8 becomes the lone surrogate U+DC00 + byte, which no valid text contains (as in Python's
 * "surrogateescape", PEP 383).
 */
export function textOfBytes(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const character = characterAt(bytes, at);
    text += character ?? String.fromCharCode(ESCAPED + (bytes[at] ?? 0));
    at += character === undefined ? 1 : Buffer.byteLength(character);
  }
  return text;
}

/** The reverse of `textOfBytes`; for valid text, its UTF-8. */
export function bytesOfText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  // With `u`, a class of surrogates matches only lone ones.
  const parts = text.split(/([\udc80-\udcff])/u).map((part, index) => {
    const isEscaped = index % 2 === 1;
    return isEscaped ? Buffer.from([part.charCodeAt(0) - ESCAPED]) : Buffer.from(part);
  });
  return Buffer.concat(parts);
}

/** With U+FFFD for each byte that is not UTF-8, for messages. */
export function shownText(text: string): string {
  return text.toWellFormed();
}

const ESCAPED = 0xdc00;
const MAX_CHARACTER_BYTES = 4;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined if no valid UTF-8 begins here. */
function characterAt(bytes: Uint8Array, at: number): string | undefined {
  for (let length = 1; length <= MAX_CHARACTER_BYTES && at + length <= bytes.length; length++) {
    try {
      return decoder.decode(bytes.subarray(at, at + length));
    } catch {
      // Longer, or not UTF-8.
    }
  }
  return undefined;
}
