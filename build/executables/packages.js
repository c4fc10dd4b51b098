import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Unpacks a package of npm, whose content is checked.
 *
 * @param {{ name: string, version: string, integrity: string, folder: string }} wanted `folder` is a
 *   cache: what is there already is not fetched again
 * @returns {string} the folder with the package's files
 */
export function fetchPackage({ name, version, integrity, folder }) {
  const plain = name.replace(/^@/, '').replaceAll('/', '-');
  const archive = join(folder, `${plain}-${version}.tgz`);
  const place = join(folder, `${plain}-${version}`);
  mkdirSync(place, { recursive: true });
  if (!existsSync(archive)) {
    execFileSync('npm', ['pack', '--silent', `${name}@${version}`], { cwd: folder });
  }
  const seen = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (seen !== integrity) throw new Error(`${archive} is not what was pinned: ${seen}`);
  execFileSync('tar', ['-xzf', archive, '-C', place, '--strip-components=1']);
  return place;
}

/**
 * A package as package-lock.json has it.
 *
 * @param {string} name
 * @returns {{ name: string, version: string, integrity: string }}
 */
export function lockedPackage(name) {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const { version, integrity } = packages[`node_modules/${name}`];
  return { name, version, integrity };
}
