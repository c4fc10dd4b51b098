import type { Bytes, CopyListener } from './local-copies.ts';

/** The content of one file, told as it passes. */
export async function* counted(content: Bytes, listener: CopyListener): Bytes {
  listener.onFile();
  for await (const chunk of content) {
    listener.onBytes(chunk.length);
    yield chunk;
  }
}
