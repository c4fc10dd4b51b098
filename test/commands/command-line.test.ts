import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { readCommandLine } from '#commands/command-line.ts';
import { addNamedCommand, vocabularyOf } from '#commands/command-table.ts';
import { Invocation } from '#commands/invocation.ts';
import { addSharedOptions } from '#commands/shared-options.ts';
import { FakeApp } from '#test/helpers/app.ts';

/** Returns the arguments that commander receives, as one line. */
async function read(line: string): Promise<string> {
  const program = addSharedOptions(new Command('ecsh').helpCommand(false));
  await addNamedCommand(program, new Invocation(new FakeApp()), undefined);
  const argv = line === '' ? [] : line.split(' ');
  return readCommandLine(argv, vocabularyOf(program)).argv.join(' ');
}

describe('ecsh [FLAGS] TARGET [FLAGS] [--] [COMMAND ARG…]', () => {
  it.each([
    ['', 'shell'],
    ['-q', 'shell -q'],
    ['prod/web', 'shell prod/web'],
    ['-', 'shell -'],
    ['-it prod/web', 'shell -it prod/web'],
    ['-C prod web', 'shell -C prod web'],
    ['-Cprod web', 'shell -Cprod web'],
    ['-vC prod web', 'shell -vC prod web'],
    ['--cluster=prod web', 'shell --cluster=prod web'],
    ['prod/web --wait 1m', 'shell --wait 1m prod/web'],
    ['prod/web --', 'shell prod/web'],
    ['-- prod/web', 'shell prod/web'],
    ['--pick', 'shell --pick'],
    ['prod/web --help', 'shell --help prod/web'],
    ['prod/web uptime', 'exec --like-ssh prod/web -- uptime'],
    ['prod/web -- uptime', 'exec --like-ssh prod/web -- uptime'],
    ['-- prod/web uptime', 'exec --like-ssh prod/web -- uptime'],
    ['prod/web -- -- x', 'exec --like-ssh prod/web -- -- x'],
    ['- uptime', 'exec --like-ssh - -- uptime'],
    ['-t prod/web top -d 1', 'exec --like-ssh -t prod/web -- top -d 1'],
    ['prod/web -t top', 'exec --like-ssh -t prod/web -- top'],
    ['prod/web bash --version', 'exec --like-ssh prod/web -- bash --version'],
    ['prod/web ls --help', 'exec --like-ssh prod/web -- ls --help'],
    ['prod/web ls -- -x', 'exec --like-ssh prod/web -- ls -- -x'],
    ['prod/web exec ls', 'exec --like-ssh prod/web -- exec ls'],
    ['--timeout 5s -e A=1 web env', 'exec --like-ssh --timeout 5s -e A=1 web -- env'],
    ['--sh uptime prod/web', 'exec --like-ssh --sh uptime prod/web --'],
    ['--pick -- uptime', 'exec --like-ssh --pick -- uptime'],
    ['--pick web uptime', 'exec --like-ssh --pick web -- uptime'],
    ['-T prod/web', 'exec --like-ssh -T prod/web -- sh'],
    ['ssh prod/web uptime', 'exec --like-ssh prod/web -- uptime'],
    ['shell exec', 'shell exec'],
    ['shell prod/web ls -l', 'exec --like-ssh prod/web -- ls -l'],
  ])('ecsh %s: %s', async (words, expected) => {
    expect(await read(words)).toBe(expected);
  });
});

describe('ecsh exec [FLAGS] TARGET [FLAGS] [--] COMMAND [ARG…]', () => {
  it.each([
    ['exec prod/web ls -la', 'exec prod/web -- ls -la'],
    ['exec -it prod/web bash', 'exec -it prod/web -- bash'],
    ['exec prod/web -it -- bash', 'exec -it prod/web -- bash'],
    ['exec prod/web --timeout 5 -- ls', 'exec --timeout 5 prod/web -- ls'],
    ['exec prod/web --timeout 5 ls -t', 'exec --timeout 5 prod/web -- ls -t'],
    ['exec prod/web ls --timeout 5', 'exec prod/web -- ls --timeout 5'],
    ['exec prod/web -- --version', 'exec prod/web -- --version'],
    ['exec prod/web', 'exec prod/web'],
    ['exec prod/web --help', 'exec --help prod/web'],
    ['exec --help', 'exec --help'],
    ['exec --pick -- ls', 'exec --pick -- ls'],
    ['exec -- prod/web ls', 'exec -- prod/web ls'],
    ['--strict exec demo/web -- true', 'exec --strict demo/web -- true'],
    ['-C exec exec web ls', 'exec -C exec web -- ls'],
    ['exec web simulate', 'exec web -- simulate'],
  ])('ecsh %s: %s', async (words, expected) => {
    expect(await read(words)).toBe(expected);
  });
});

describe('other commands', () => {
  it.each([
    ['ls prod --json', 'ls prod --json'],
    ['--json ls prod', 'ls --json prod'],
    ['--pick doctor', 'doctor --pick'],
    ['list', 'ls'],
    ['-o json ls prod', 'ls -o json prod'],
    ['-n 5 logs prod/web', 'logs -n 5 prod/web'],
    ['cp -av a prod/web:/b', 'cp -a -v a prod/web:/b'],
    ['cp -ax a prod/web:/b', 'cp -ax a prod/web:/b'],
    ['ps prod', 'ls prod'],
    ['get tasks', 'ls tasks'],
    ['scp a prod/web:/b', 'cp a prod/web:/b'],
    ['port-forward prod/web 80 -- curl', 'forward prod/web 80 -- curl'],
    ['attach prod/web', 'shell prod/web'],
    ['version', '--version'],
    ['--help', '--help'],
    ['-V', '-V'],
    ['-v --help', '-v --help'],
    ['--help exec', 'exec --help'],
    ['help exec', 'help exec'],
  ])('ecsh %s: %s', async (words, expected) => {
    expect(await read(words)).toBe(expected);
  });
});
