import type { Bytes, CopyListener } from './local-copies.ts';

/** The content of one file, reported to the listener as it passes. */
export async function* countBytes(content: Bytes, listener: CopyListener): Bytes {
  listener.onFile();
  for await (const chunk of content) {
    listener.onBytes(chunk.length);
    yield chunk;
  }
}
