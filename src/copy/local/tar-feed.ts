import type { Extract } from 'tar-stream';
import type { Bytes } from '#copy/local-copies.ts';

const BLOCK = 512;
/** The text of tar-stream's error (`isBrokenArchive`). */
const CUT_OFF = 'Unexpected end of data';

/** Feeds an archive to tar-stream no faster than it is unpacked. A failure of the archive destroys `entries`. */
export async function feedArchive(archive: Bytes, entries: Extract): Promise<void> {
  try {
    let end: Uint8Array = new Uint8Array();
    for await (const chunk of archive) {
      if (entries.destroyed) return;
      end = chunk.length < BLOCK ? Buffer.concat([end, chunk]).subarray(-BLOCK) : chunk;
      if (!entries.write(chunk)) await untilDrained(entries);
    }
    if (!isEmptyBlock(end.subarray(-BLOCK))) throw new Error(CUT_OFF);
    entries.end(null);
  } catch (error) {
    entries.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Every archive ends with empty blocks. tar-stream would accept one that was truncated after a file as complete. */
function isEmptyBlock(block: Uint8Array): boolean {
  return block.length === BLOCK && block.every((byte) => byte === 0);
}

function untilDrained(entries: Extract): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      entries.off('drain', go);
      entries.off('close', go);
      resolve();
    };
    entries.on('drain', go);
    entries.on('close', go);
  });
}
