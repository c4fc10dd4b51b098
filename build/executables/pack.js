import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Makes an archive of each folder, beside it, and SHA256SUMS of them all.
 *
 * @param {readonly string[]} folders in one folder
 */
export function packAll(folders) {
  const archives = folders.map(pack);
  const [first = ''] = archives;
  writeFileSync(join(dirname(first), 'SHA256SUMS'), archives.map(checksum).join(''));
}

/** @param {string} folder */
function pack(folder) {
  const [out, name] = [dirname(folder), basename(folder)];
  const isWindows = name.endsWith('win32-x64');
  const archive = `${folder}${isWindows ? '.zip' : '.tar.xz'}`;
  rmSync(archive, { force: true });
  const executable = join(folder, 'ecsh');
  // On its way through other machines it may have lost its mode.
  if (existsSync(executable)) chmodSync(executable, 0o755);
  const env = { ...process.env, XZ_OPT: '-T0' };
  if (isWindows) execFileSync('zip', ['-q', '-r', archive, name], { cwd: out });
  else execFileSync('tar', ['-C', out, '-cJf', archive, name], { env });
  return archive;
}

/** @param {string} archive */
function checksum(archive) {
  const sum = createHash('sha256').update(readFileSync(archive)).digest('hex');
  return `${sum}  ${basename(archive)}\n`;
}
