import { readFileSync } from 'node:fs';
import type { Plugin } from 'rolldown';
import { bundledPackages } from './bundled-packages.ts';

interface Named {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/**
 * Writes what is in the bundle for those who look for packages with known defects: a bundle hides
 * its packages from `npm audit`. CycloneDX 1.6, the same for the same sources: no time, no serial
 * number.
 */
export function billOfMaterials(fileName: string): Plugin {
  return {
    name: 'bill-of-materials',
    generateBundle(_options, bundle) {
      const own: Named = JSON.parse(readFileSync('package.json', 'utf8'));
      const packages = bundledPackages(bundle);
      const bill = {
        $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        version: 1,
        metadata: { component: { type: 'application', ...describe(own) } },
        components: packages.map((bundled) => ({ type: 'library', ...describe(bundled) })),
        dependencies: [{ ref: packageUrl(own), dependsOn: packages.map(packageUrl) }],
      };
      this.emitFile({ type: 'asset', fileName, source: `${JSON.stringify(bill, null, 1)}\n` });
    },
  };
}

function describe(bundled: Named) {
  const { name, version, license } = bundled;
  const [own = name, group] = name.split('/').reverse();
  const url = packageUrl(bundled);
  return { 'bom-ref': url, group, name: own, version, licenses: licensesOf(license), purl: url };
}

/** One identifier of SPDX, or an expression of several. */
function licensesOf(license: string | undefined) {
  if (license === undefined) return undefined;
  return [/[ (]/.test(license) ? { expression: license } : { license: { id: license } }];
}

/** Package URL: the scope is its namespace, with @ in percent-encoding. */
function packageUrl({ name, version }: Named): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
