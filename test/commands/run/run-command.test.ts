import { describe, expect, it } from 'vitest';
import { addRunCommand } from '#commands/run/run-command.ts';
import { FakeApp, run } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';

/** Returns the command that was called, and its options. */
async function given(...words: readonly string[]) {
  const called: string[] = [];
  const options = await optionsOf<object>(
    (program, invocation, run) => {
      const as = (name: string) => (app: unknown, reporter: unknown, options: object) => {
        called.push(name);
        return run(app, reporter, options);
      };
      addRunCommand(program, invocation, {
        fresh: as('fresh'),
        wait: as('wait'),
        cleanup: as('cleanup'),
      });
    },
    ['run', ...words],
  );
  return { called, options: defined(options) };
}

describe('the arguments of ecsh run', () => {
  it.each([
    [['web', '--', 'ls', '-l'], { target: 'web', command: ['ls', '-l'], wait: 0, ttl: 3_600_000 }],
    [['--memory', '1.5GB', '--cpu', '512', 'web', '--', 'ls'], { memory: '1536', cpu: '512' }],
    [['--memory', '4g', 'web', '--', 'ls'], { memory: '4096' }],
    [['--wait', '30s', 'web', '--', 'ls'], { target: 'web', wait: 30_000 }],
    [['--image', 'app:2', '-c', 'app', 'web', '--', 'ls'], { image: 'app:2', container: 'app' }],
    [['--subnet', 'a', '--subnet', 'b', 'family:jobs:4', '--', 'ls'], { subnet: ['a', 'b'] }],
  ])('%j start a task', async (words, options) => {
    expect(await given(...words)).toMatchObject({ called: ['fresh'], options });
  });

  it('wait for a task', async () => {
    const { called, options } = await given('--wait', 'prod/0f9de17a', '--timeout', '5m');
    expect([called, options]).toEqual([
      ['wait'],
      { target: 'prod/0f9de17a', timeout: 300_000, color: 'auto' },
    ]);
  });

  it('clean up', async () => {
    expect(await given('--cleanup', 'prod/web', '--dry-run')).toEqual({
      called: ['cleanup'],
      options: { place: 'prod/web', dryRun: true, color: 'auto' },
    });
  });

  it.each([
    [['--wait', 'prod/0f9de17a', '--', 'ls'], '--wait TASK waits for a command that runs'],
    [['--wait', 'prod/0f9de17a', '--detach'], '--wait TASK waits for a command that runs'],
    [['--wait', 'prod/web'], '"prod/web" does not name one task.'],
    [['--cleanup', 'prod', '--', 'ls'], '--cleanup runs no command.'],
    [['--detach', '--ttl', '2h', 'web', '--', 'ls'], '--ttl does not end a task of --detach'],
    [['--no-shell', '--ttl', '2h', 'web', '--', 'ls'], '--ttl does not end a task of --detach'],
    [['--no-shell', '-i', 'web', '--', 'ls'], '--interactive needs a shell in the container'],
    [['--memory', '4t', 'web', '--', 'ls'], 'Give a number, such as 512 or 2048.'],
    [['--like', 'api', 'web', '--', 'ls'], '--like is for family:NAME'],
    [['--ttl', '0', 'web', '--', 'ls'], '--ttl 0 ends the task before the command can run.'],
  ])('%j are refused: %s', async (words, message) => {
    const { status, stderr } = await run(['run', ...words], new FakeApp());
    expect([status, stderr]).toEqual([255, expect.stringContaining(message)]);
  });
});
