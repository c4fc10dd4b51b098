import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
});

afterAll(() => lab.stop());

/** The environment of a user who has just installed ecsh. */
function newHome() {
  const home = mkdtempSync(join(lab.folder, 'home-'));
  const env = { ...lab.environment, HOME: home };
  return { home, run: (...args: readonly string[]) => lab.run(args, { env }) };
}

describe('defaults in the configuration file', () => {
  it.concurrent('apply to later commands, but environment variables take precedence', async () => {
    const { home, run } = newHome();
    await run('config', 'set', 'cluster', 'lab');
    await run('config', 'set', 'region', 'nowhere-1');
    expect(statSync(join(home, '.config/ecsh/config.json')).mode & 0o777).toBe(0o600);
    expect(await run('exec', 'app', '--', 'echo', 'hi')).toEqual({
      status: 0,
      stdout: 'hi\n',
      stderr: '',
    });
  });

  it.concurrent('are rejected in JSON with --json, and in plain text otherwise', async () => {
    const { run } = newHome();
    const { status, stdout, stderr } = await run('config', 'set', 'wiat', '5s', '--json');
    expect([status, JSON.parse(stdout)]).toEqual([
      2,
      {
        error: {
          code: 'usage',
          message: 'There is no setting "wiat" in the file.',
          hint: 'Did you mean wait?',
        },
      },
    ]);
    expect(stderr).toBe(
      'ecsh: There is no setting "wiat" in the file. [usage]\n  Did you mean wait?\n',
    );
  });
});

describe('the target -', () => {
  it.concurrent('is the target of the last session', async () => {
    const { home, run } = newHome();
    await run('exec', '-C', 'lab', 'app', '--', 'true');
    expect(await run('exec', '-', '--', 'echo', 'again')).toEqual({
      status: 0,
      stdout: 'again\n',
      stderr: 'The last target: lab/app.\n',
    });
    const last = readFileSync(join(home, '.local/state/ecsh/last.json'), 'utf8');
    expect(JSON.parse(last)).toMatchObject({ target: 'app', cluster: 'lab' });
  });

  it.concurrent('does not exist before the first session', async () => {
    const { run } = newHome();
    await run('exec', 'lab/nothing', '--', 'true');
    const { status, stderr } = await run('exec', '-', '--', 'true');
    expect(status).toBe(255);
    expect(stderr).toMatch(/^ecsh: There is no last target yet\. \[last-target-missing\]\n/);
  });
});
