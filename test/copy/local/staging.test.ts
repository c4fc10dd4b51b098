import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { forgetStaging, removeLeftovers, stagingName } from '#copy/local/staging.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

const process = (pid: number, running: readonly number[] = []) => ({
  pid,
  isRunning: (other: number) => running.includes(other),
});

it('removes the leftovers of killed processes on this machine, and nothing else', async () => {
  const folder = temporaryFolder('staging');
  const dead = stagingName(process(200));
  forgetStaging(dead);
  const deadFolder = stagingName(process(201));
  forgetStaging(deadFolder);
  const living = stagingName(process(300));
  forgetStaging(living);
  const own = stagingName(process(100));
  const oldOwn = stagingName(process(100));
  forgetStaging(oldOwn);
  const elsewhere = living.replace(/-[0-9a-f]{8}-300-/, '-00000000-200-');
  for (const name of [dead, living, own, oldOwn, elsewhere, '.ecsh-notes', 'file']) {
    writeFileSync(join(folder, name), '');
  }
  mkdirSync(join(folder, deadFolder, 'tree'), { recursive: true });
  await removeLeftovers(folder, process(100, [100, 300]));
  expect(readdirSync(folder).sort()).toEqual(
    [living, own, elsewhere, '.ecsh-notes', 'file'].sort(),
  );
});

it('ignores a folder that cannot be read', async () => {
  await expect(removeLeftovers('/no/such', process(1))).resolves.toBeUndefined();
});
