import { ecshCommand } from '#domain/errors/aws-command.ts';

/** Flags of `aws ecs execute-command`, kubectl and ecsta whose values belong to TARGET here. */
const PLACE_FLAGS: Readonly<Record<string, 'cluster' | 'name' | 'container' | 'command'>> = {
  '-C': 'cluster',
  '--cluster': 'cluster',
  '--cluster-name': 'cluster',
  '--task': 'name',
  '--task-id': 'name',
  '--pod': 'name',
  '--service': 'name',
  '--service-name': 'name',
  '--name': 'name',
  '-c': 'container',
  '--container': 'container',
  '--container-name': 'container',
  '--command': 'command',
};
/** They mean the same to ecsh. */
const SHARED_FLAGS: readonly string[] = ['--profile', '--region', '--endpoint-url'];
/** A shell has a terminal anyway. */
const TERMINAL_FLAGS: readonly string[] = ['--interactive', '--tty', '--stdin', '-i', '-t', '-it'];
/** Words that name the command and not TARGET. */
const COMMAND_WORDS: readonly string[] = [
  ...['aws', 'ecs', 'execute-command', 'exec', 'shell', 'ssh', 'attach'],
];
const SHELL = /^(?:\S*\/)?(?:ba|z|k|da|a)?sh$/;

/**
 * The words of another tool as one command of ecsh: `--cluster prod --task 0f9d --container app --command sh`
 * is `ecsh prod/0f9d@app`.
 */
export function asOneLine(words: readonly string[]): string {
  const found: Partial<Record<'cluster' | 'name' | 'container' | 'command', string>> = {};
  const rest: string[] = [];
  const shared: string[] = [];
  const separator = words.indexOf('--');
  const end = separator === -1 ? words.length : separator;
  for (let at = 0; at < end; at += 1) {
    const word = words[at] ?? '';
    const [, flag = word, inWord] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    const meaning = PLACE_FLAGS[flag];
    if (meaning !== undefined) {
      found[meaning] = inWord ?? words[at + 1] ?? meaning.toUpperCase();
      if (inWord === undefined) at += 1;
    } else if (SHARED_FLAGS.includes(flag)) {
      shared.push(...(inWord === undefined ? [word, words[at + 1] ?? ''] : [word]));
      if (inWord === undefined) at += 1;
    } else if (!COMMAND_WORDS.includes(word) && !TERMINAL_FLAGS.includes(word)) rest.push(word);
  }
  const target = targetOf(found, rest);
  const command = [...rest, ...words.slice(end + 1)];
  const program = found.command;
  if (program !== undefined && !SHELL.test(program) && command.length === 0) {
    return ecshCommand(['exec', ...shared, target, '--', ...program.split(/\s+/)]);
  }
  const isShell = command.length === 0 || (command.length === 1 && SHELL.test(command[0] ?? ''));
  return ecshCommand(isShell ? [...shared, target] : ['exec', ...shared, target, '--', ...command]);
}

/** Takes the first plain word out of `rest` if no flag names the task. */
function targetOf(
  { cluster, name, container }: Partial<Record<'cluster' | 'name' | 'container', string>>,
  rest: string[],
): string {
  const at = name === undefined ? rest.findIndex((word) => !word.startsWith('-')) : -1;
  const plain = name ?? (at === -1 ? 'NAME' : (rest.splice(at, 1)[0] ?? 'NAME'));
  const place = plain.includes('/') ? plain : `${cluster ?? 'CLUSTER'}/${plain}`;
  return container === undefined ? place : `${place}@${container}`;
}
