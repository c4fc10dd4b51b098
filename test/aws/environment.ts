import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { temporaryFolder } from '#test/helpers/temporary.ts';

/** Keys of no account, for a fake endpoint. */
export const TEST_KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

/**
 * The SDK reads the process's environment: this gives every test of the file an environment without the machine's
 * AWS settings, and its own config files.
 */
export function isolateAws(): { set(variables: Record<string, string>): void; home(): string } {
  let home = '';
  beforeEach(() => {
    home = temporaryFolder('aws');
    for (const name of Object.keys(process.env)) {
      if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
    }
    vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'));
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true');
    writeFileSync(join(home, 'config'), '');
    writeFileSync(join(home, 'credentials'), '');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  return {
    set(variables) {
      for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    },
    home: () => home,
  };
}
