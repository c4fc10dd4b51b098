import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { OutputChunk, Plugin } from 'rolldown';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly repository?: { readonly url?: string };
}

interface BundledPackage extends Manifest {
  /** What its licence asks to be passed on; empty when the package leaves it out. */
  readonly text: string;
}

const LEGAL_FILE = /^(licen[cs]e|notice|copying|copyrightnotice)/i;

/**
 * Writes the licences of every package that has code in the bundle into one file beside it. A
 * package whose licence text is nowhere to be found fails the build.
 */
export function thirdPartyLicenses(fileName: string): Plugin {
  return {
    name: 'third-party-licenses',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
      const packages = packageRoots(chunks).map(readPackage);
      this.emitFile({ type: 'asset', fileName, source: describe(packages) });
    },
  };
}

function packageRoots(chunks: readonly OutputChunk[]): readonly string[] {
  const roots = new Set<string>();
  for (const [id, module] of chunks.flatMap((chunk) => Object.entries(chunk.modules))) {
    if (module.renderedLength > 0 && id.includes('node_modules')) roots.add(packageRoot(id));
  }
  return [...roots];
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
  return { ...readManifest(root), text: texts.join('\n\n') };
}

/** Packages that share their words stand together: most of the AWS SDK is one licence. */
function describe(packages: readonly BundledPackage[]): string {
  const owners = new Map<string, string[]>();
  for (const bundled of packages) {
    const text = licenseText(bundled, packages);
    const line = `${bundled.name} ${bundled.version} (${bundled.license})`;
    owners.set(text, [...(owners.get(text) ?? []), line]);
  }
  const sections = [...owners].map(([text, lines]) => `${lines.sort().join('\n')}\n\n${text}\n`);
  const intro = 'ecsh contains code of the packages below, under the licences that follow them.\n';
  return [intro, ...sections.sort()].join(`\n${'-'.repeat(80)}\n\n`);
}

/** Some packages of the AWS SDK leave the text out; that of their repository is the same. */
function licenseText(bundled: BundledPackage, packages: readonly BundledPackage[]): string {
  if (bundled.text !== '') return bundled.text;
  const sibling = packages.find(
    ({ text, license, repository }) =>
      text !== '' &&
      license === bundled.license &&
      repository?.url !== undefined &&
      repository.url === bundled.repository?.url,
  );
  if (sibling !== undefined) return sibling.text;
  throw new Error(`${bundled.name} has no licence text`);
}
