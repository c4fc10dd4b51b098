#!/usr/bin/env node
/*
 * node build/executables/release.js REPOSITORY_URL: packs the folders that `npm run executables --
 * --no-archives` has made, and writes what a release needs beside them: SHA256SUMS, install.sh, a Homebrew
 * formula, a Scoop manifest, and the notes of this version from CHANGELOG.md.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packAll } from './pack.js';
import { formula, installScript, notesOf, scoopManifest } from './release-files.js';

const [, , repository] = process.argv;
if (repository === undefined) throw new Error('the URL of the repository is missing');
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const out = resolve('executables');
const prefix = `ecsh-${version}-`;
const folders = readdirSync(out, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix))
  .map(({ name }) => join(out, name));

packAll(folders);
const release = {
  version,
  url: `${repository}/releases/download/v${version}`,
  homepage: repository,
  sums: readFileSync(join(out, 'SHA256SUMS'), 'utf8'),
};
const files = {
  'install.sh': installScript(release),
  'ecsh.rb': formula(release),
  'ecsh.json': scoopManifest(release),
  'NOTES.md': notesOf(version, readFileSync('CHANGELOG.md', 'utf8')),
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(out, name), text);
