import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { OutputBundle } from 'rolldown';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  /** Before npm had `license`; ssh2 still has it. */
  readonly licenses?: readonly { readonly type: string }[];
  readonly repository?: { readonly url?: string };
}

export interface BundledPackage extends Manifest {
  readonly name: string;
  readonly version: string;
  /** The licence and notices to pass on; empty if the package ships none. */
  readonly text: string;
}

const LEGAL_FILE = /^(licen[cs]e|notice|copying|copyrightnotice)/i;

/** Every package that has code in the bundle, by name. */
export function bundledPackages(bundle: OutputBundle): readonly BundledPackage[] {
  const roots = new Set<string>();
  for (const output of Object.values(bundle)) {
    if (output.type !== 'chunk') continue;
    for (const [id, module] of Object.entries(output.modules)) {
      if (module.renderedLength > 0 && id.includes('node_modules')) roots.add(packageRoot(id));
    }
  }
  const order = ({ name, version }: BundledPackage) => `${name} ${version}`;
  return [...roots].map(readPackage).sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** Folders inside a package may have a package.json of their own, without a name or a version. */
function packageRoot(moduleId: string): string {
  const path = moduleId.replace(/^\0/, '').replace(/\?.*$/, '');
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const { name, version } = readManifest(folder);
    if (name !== undefined && version !== undefined) return folder;
  }
  throw new Error(`${moduleId} belongs to no package`);
}

function readManifest(folder: string): Manifest {
  const path = join(folder, 'package.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

function readPackage(root: string): BundledPackage {
  const files = readdirSync(root).filter((file) => LEGAL_FILE.test(file));
  const texts = files.map((file) => readFileSync(join(root, file), 'utf8').trim());
  const { name = '', version = '', ...manifest } = readManifest(root);
  const license = manifest.license ?? manifest.licenses?.map(({ type }) => type).join(' OR ');
  const known = license === undefined ? {} : { license };
  return { ...manifest, ...known, name, version, text: texts.join('\n\n') };
}
