import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { assertBuilt, DIST } from '#test/helpers/program.ts';
import manifest from '../package.json' with { type: 'json' };
import lock from '../package-lock.json' with { type: 'json' };

interface Packed {
  /** Bytes of the tarball. */
  readonly size: number;
  /** Bytes on the user's disk. */
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

let packed: Packed;

beforeAll(() => {
  assertBuilt();
  const arguments_ = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const output = execFileSync('npm', arguments_, { cwd: join(DIST, '..'), encoding: 'utf8' });
  [packed] = JSON.parse(output);
});

describe('the published package', () => {
  it('contains only the files in this list', () => {
    const paths = packed.files.map(({ path }) => path);
    const kinds = paths.map((path) =>
      path
        .replace(/^dist\/chunks\/[\w.-]+\.js$/, 'dist/chunks/*.js')
        .replace(/^dist\/(domain|library)(\/[\w-]+)+\.d\.ts$/, 'dist/*/*.d.ts'),
    );
    expect([...new Set(kinds)].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin/ecsh.js',
      'bin/package.json',
      'dist/*/*.d.ts',
      'dist/THIRD-PARTY-LICENSES.txt',
      'dist/chunks/*.js',
      'dist/cli.js',
      'dist/connected.cjs',
      'dist/help.txt',
      'dist/index.d.ts',
      'dist/index.js',
      'dist/sbom.cdx.json',
      'dist/version.txt',
      'man/ecsh.1',
      'package.json',
    ]);
  });

  it('has at most 900 KB to download and 3 MB on the disk', () => {
    expect(packed.size).toBeLessThan(900_000);
    expect(packed.unpackedSize).toBeLessThan(3_000_000);
  });

  it('loads at most 100 KB before it knows the command', () => {
    const files = ['cli.js', 'chunks/start.js', 'chunks/shared.js', 'chunks/rolldown-runtime.js'];
    const sizes = files.map((file) => statSync(join(DIST, file)).size);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(100_000);
  });

  it('imports no module of Node.js except to create `require`, because an import reads all exports', () => {
    const folder = join(DIST, 'chunks');
    const imported = readdirSync(folder).flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      return [...text.matchAll(/\bfrom\s*["'`](node:[\w/]+)["'`]/g)].map(([, module]) => module);
    });
    expect([...new Set(imported)]).toEqual(['node:module']);
  });

  it('depends only on the optional pty, and runs nothing during installation', () => {
    expect(Object.keys(manifest)).not.toContain('dependencies');
    expect(Object.keys(manifest.optionalDependencies)).toEqual(['@lydell/node-pty']);
    const scripts = ['preinstall', 'install', 'postinstall', 'prepare'];
    expect(Object.keys(manifest.scripts).filter((name) => scripts.includes(name))).toEqual([]);
  });
});

/** The parts of CycloneDX 1.6 that ecsh uses. */
interface Component {
  readonly type: string;
  readonly 'bom-ref': string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly unknown[];
}

interface Bill {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly version: number;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

describe('the bill of materials', () => {
  const read = (): Bill => JSON.parse(readFileSync(join(DIST, 'sbom.cdx.json'), 'utf8'));
  const nameOf = ({ group, name }: Component) => (group === undefined ? name : `${group}/${name}`);

  it('is in CycloneDX format, for this version of ecsh', () => {
    const { bomFormat, specVersion, version, metadata } = read();
    expect([bomFormat, specVersion, version]).toEqual(['CycloneDX', '1.6', 1]);
    const { type, purl } = metadata.component;
    expect([type, purl]).toEqual(['application', `pkg:npm/ecsh@${manifest.version}`]);
  });

  it('has all required fields of every component, and refers to each once', () => {
    const { metadata, components, dependencies } = read();
    for (const component of components) {
      expect(component).toMatchObject({
        type: 'library',
        name: expect.stringMatching(/^[\w.-]+$/),
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        purl: `pkg:npm/${nameOf(component).replace('@', '%40')}@${component.version}`,
        licenses: [{ license: { id: expect.stringMatching(/^[\w.+-]+$/) } }],
      });
    }
    const references = components.map((component) => component['bom-ref']);
    expect(new Set(references).size).toBe(references.length);
    expect(dependencies).toEqual([{ ref: metadata.component['bom-ref'], dependsOn: references }]);
  });

  it('names the packages and versions of the lockfile', () => {
    const locked = Object.entries<{ version?: string }>(lock.packages).map(
      ([path, { version }]) => `${path.replace(/^.*node_modules\//, '')} ${version}`,
    );
    const bundled = read().components.map(
      (component) => `${nameOf(component)} ${component.version}`,
    );
    expect(bundled).toContain(`ws ${lock.packages['node_modules/ws'].version}`);
    expect(locked).toEqual(expect.arrayContaining(bundled));
  });

  it('names the packages whose licences are included', () => {
    const text = readFileSync(join(DIST, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    const licensed = [...text.matchAll(/^(\S+ \d+\.\d+\.\d+\S*) \(.*\)$/gm)].map(
      ([, name]) => name,
    );
    const bundled = read().components.map(
      (component) => `${nameOf(component)} ${component.version}`,
    );
    expect([...licensed].sort()).toEqual([...bundled].sort());
  });
});
