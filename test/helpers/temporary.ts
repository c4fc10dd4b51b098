import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Run by vitest around all tests (vitest.config.ts): one folder for everything, removed at the end. */
export default function setUp(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ecsh-test-'));
  process.env.ECSH_TEST_FOLDER = folder;
  return () => removeFolder(folder);
}

/** Retries, because a program that is ending may still write its compiled code there (Node.js 22). */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** Creates a new folder. */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(process.env.ECSH_TEST_FOLDER ?? tmpdir(), `${name}-`));
}
