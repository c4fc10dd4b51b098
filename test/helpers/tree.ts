import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Lists a directory and everything in it, one line each, like `find`, with contents. */
export function listTree(root: string): readonly string[] {
  return ['.', ...readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()].map((name) => {
    const path = join(root, name);
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) return `${name} -> ${readlinkSync(path)}`;
    const mode = (stats.mode & 0o777).toString(8);
    const time = new Date(stats.mtimeMs).toISOString();
    const isDirectory = stats.isDirectory();
    // BusyBox's tar creates links last, after it has set the times.
    if (isDirectory && readdirSync(path, { withFileTypes: true }).some((e) => e.isSymbolicLink())) {
      return `${name} ${mode} directory with links`;
    }
    const content = isDirectory ? 'directory' : JSON.stringify(readFileSync(path, 'latin1'));
    return `${name} ${mode} ${time} ${content}`;
  });
}
