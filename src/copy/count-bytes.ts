import type { Bytes, CopyListener } from './local-copies.ts';

/** Passes the content of one file on, and reports its bytes to the listener. */
export async function* countBytes(content: Bytes, listener: CopyListener): Bytes {
  listener.onFile();
  for await (const chunk of content) {
    listener.onBytes(chunk.length);
    yield chunk;
  }
}
