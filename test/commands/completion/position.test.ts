import { Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { type CandidateSource, positionIn } from '#commands/completion/position.ts';

function program(): Command {
  const root = new Command('ecsh')
    .option('-C, --cluster <name>', 'cluster')
    .option('-q, --quiet', 'quiet')
    .option('--debug [file]', 'log')
    .addOption(new Option('--color <when>', 'color').choices(['auto', 'never']));
  root.command('shell', { isDefault: true }).summary('a shell').argument('<target>');
  root
    .command('exec')
    .summary('a command')
    .argument('<target>')
    .argument('[command...]')
    .option('--env-file <file>', 'variables');
  const logging = root.command('logging').summary('logs');
  logging.command('show').description('show it').argument('[cluster]');
  root.command('hidden', { hidden: true });
  return root;
}

const argument = (name: string): CandidateSource => ({ kind: 'argument', name });
const COMMANDS = ['shell', 'exec', 'logging', 'help'];

/** Returns the possible words, with `<argument>` for values that come from outside. */
function expectedAt(line: string): readonly string[] {
  const { sources } = positionIn(program(), line.split(' '));
  return sources.flatMap((source) =>
    source.kind === 'words' ? source.candidates.map(({ value }) => value) : [`<${source.name}>`],
  );
}

describe('what is expected at the cursor', () => {
  test.each<[string, readonly string[]]>([
    ['', [...COMMANDS, '<target>']],
    ['pro', [...COMMANDS, '<target>']],
    ['-C prod ', [...COMMANDS, '<target>']],
    ['--cluster=prod ', [...COMMANDS, '<target>']],
    // Its optional value can only follow "=".
    ['--debug ', [...COMMANDS, '<target>']],
    ['exec ', ['<target>']],
    ['exec prod/web ', ['<command>']],
    ['shell prod/web ', []],
    ['prod/web ', []],
    ['logging ', ['show', 'help']],
    ['logging show ', ['<cluster>']],
    ['-C ', ['<--cluster>']],
    ['exec -C ', ['<--cluster>']],
    ['exec --env-file ', ['<file>']],
    ['--color ', ['auto', 'never']],
    ['--color=', ['auto', 'never']],
    ['--unknown=', []],
    ['exec prod/web -- ', []],
    ['exec prod/web -- ls --', []],
  ])('ecsh %s', (line, expected) => {
    expect(expectedAt(line)).toEqual(expected);
  });

  test('flags of the command and of the program, after a hyphen', () => {
    expect(expectedAt('exec --')).toEqual([
      '--env-file',
      '--help',
      '--cluster',
      '--quiet',
      '--debug',
      '--color',
    ]);
    expect(expectedAt('-')).toEqual([...COMMANDS, '<target>']);
  });
});

test('values of flags before the cursor are recognized, in every spelling', () => {
  for (const cluster of [['-C', 'prod'], ['-Cprod'], ['-qC', 'prod'], ['--cluster', 'prod']]) {
    const words = ['exec', ...cluster, '--color=never', 'prod/web', ''];
    expect(positionIn(program(), words)).toMatchObject({
      flags: { cluster: 'prod', color: 'never' },
      target: 'prod/web',
    });
  }
});

test('a value after "=" is completed together with its flag', () => {
  expect(positionIn(program(), ['--color=n'])).toMatchObject({ typed: 'n', prefix: '--color=' });
});

test('a source of outside values returns its name', () => {
  expect(positionIn(program(), ['exec', '']).sources).toEqual([argument('target')]);
});
