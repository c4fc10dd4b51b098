import type { Plugin } from 'rolldown';
import { type BundledPackage, bundledPackages } from './bundled-packages.ts';

/**
 * Writes the licences of every package that has code in the bundle into one file beside it. A
 * package whose licence text is nowhere to be found fails the build.
 */
export function thirdPartyLicenses(fileName: string): Plugin {
  return {
    name: 'third-party-licenses',
    generateBundle(_options, bundle) {
      const source = describe(bundledPackages(bundle));
      this.emitFile({ type: 'asset', fileName, source });
    },
  };
}

/** Packages that share their words stand together: most of the AWS SDK is one licence. */
function describe(packages: readonly BundledPackage[]): string {
  const owners = new Map<string, string[]>();
  for (const bundled of packages) {
    const text = licenseText(bundled, packages);
    const line = `${bundled.name} ${bundled.version} (${bundled.license})`;
    owners.set(text, [...(owners.get(text) ?? []), line]);
  }
  const sections = [...owners].map(([text, lines]) => `${lines.join('\n')}\n\n${text}\n`);
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
