import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assertBuilt, ECSH, isInstalled, Program } from '#test/helpers/program.ts';
import { removeFolder, temporaryFolder } from '#test/helpers/temporary.ts';

/** README.md comes first: the other pages do not depend on what its examples leave behind. */
const PAGES = [
  'README.md',
  ...readdirSync(new URL('../../docs/', import.meta.url))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const read = (page: string) => readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');

interface Example {
  readonly command: string;
  readonly output: readonly string[];
}

/** The commands of a page's console blocks, in order, with their expected output. */
function examplesOf(page: string): readonly Example[] {
  const blocks = [...read(page).matchAll(/^```console\n(.*?)^```$/gms)];
  return blocks.flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [command = '', ...output] = part.trimEnd().split('\n');
        return { command, output };
      }),
  );
}

/** Times and ages differ from run to run; the ids of the built-in fleet do not. */
function masked(line: string): string {
  return line
    .replace(/\b\d+(\.\d+)? ?(ms|s|m|h|d)\b/g, 'TIME')
    .replace(/ +/g, ' ')
    .trimEnd();
}

/** A line with only `…` stands for any number of lines. */
function matches(output: readonly string[], expected: readonly string[]): boolean {
  const [first, ...rest] = expected.map(masked);
  if (first === undefined) return output.length === 0;
  if (first === '…')
    return output.some((_, from) => matches(output.slice(from), rest)) || rest.length === 0;
  return masked(output[0] ?? '\0') === first && matches(output.slice(1), rest);
}

let home: string;

beforeAll(() => {
  assertBuilt();
  home = temporaryFolder('console');
});

afterAll(() => removeFolder(home));

/** Runs the commands in one bash, inside its own simulator; returns the stdout and stderr of each. */
async function outputsOf(commands: readonly string[]): Promise<readonly (readonly string[])[]> {
  const ecsh = ECSH.map((word) => `'${word}'`).join(' ');
  // Keep the status of a command for the next one, such as `echo $?`.
  const steps = commands.map((command) => `${command}\ns=$?; echo; echo @@end; (exit $s)`);
  const script = [`ecsh() { ${ecsh} "$@"; }; export -f ecsh; cd "$HOME"; exec 2>&1`, ...steps];
  const { PATH = '' } = process.env;
  // Pages run at the same time, and docs/config.md sets defaults.
  const own = mkdtempSync(join(home, 'page-'));
  const env = { PATH, HOME: own, LANG: 'C.UTF-8', AWS_EC2_METADATA_DISABLED: 'true' };
  const words = ['simulate', '--', 'bash', '-c', script.join('\n')];
  const { stdout } = await new Program([...ECSH, ...words], { env }).finished;
  return stdout
    .split(/^@@end$/m)
    .slice(0, -1)
    .map((text) => text.replace(/^\n/, '').replace(/\n?\n$/, ''))
    .map((text) => (text === '' ? [] : text.split('\n')));
}

const hasCurl = isInstalled('curl', '--version');

for (const page of PAGES) {
  const examples = examplesOf(page);
  const isAble = hasCurl || !examples.some(({ command }) => /\bcurl\b/.test(command));
  if (examples.length === 0) continue;
  const test = isAble ? it.concurrent : it.skip;
  test(`every example of ${page} prints the documented output`, async () => {
    const outputs = await outputsOf(examples.map(({ command }) => command));
    const wrong = examples.flatMap(({ command, output }, index) => {
      const printed = outputs[index] ?? ['(did not run)'];
      // The two streams can interleave in any order.
      const isRight = matches(printed, output) || matches(printed.toSorted(), output.toSorted());
      return isRight ? [] : [{ command, output, printed }];
    });
    expect(wrong).toEqual([]);
  }, 120_000);
}
