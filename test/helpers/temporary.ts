import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Run by vitest around all tests (vitest.config.ts): one folder for everything, which goes at the end. */
export default function setUp(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'ecsh-test-'));
  process.env.ECSH_TEST_FOLDER = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** A folder of one's own. */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(process.env.ECSH_TEST_FOLDER ?? tmpdir(), `${name}-`));
}
