import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environmentLines, GO, SCRIPT } from '#envelope/envelope-input.ts';
import { NumberedLines } from '#envelope/numbered-lines.ts';
import {
  createTerminalCommand,
  type TerminalCommandOptions,
  TerminalCommandReader,
} from '#envelope/terminal-command.ts';
import { spawnPty } from '#test/helpers/pty.ts';
import { COMMON_SHELLS, imageEnvironment, SHELLS } from '#test/helpers/shells.ts';

const NONCE = '0f9de17a6465404e8b1b2356';
const OPTIONS: TerminalCommandOptions = {
  nonce: NONCE,
  term: 'xterm-256color',
  size: { cols: 120, rows: 40 },
  directory: undefined,
  waits: false,
  argv: undefined,
};

const say = (text: string) => `\u001b]ecsh;${NONCE};${text}\u0007`;

interface Reading {
  readonly visible: string;
  readonly status: number | undefined;
  readonly waited: number;
}

/** Reads all chunks to the end. */
function read(chunks: readonly Uint8Array[]): Reading {
  const reader = new TerminalCommandReader(NONCE);
  let visible = '';
  let waited = 0;
  for (const chunk of chunks) {
    visible += Buffer.from(reader.read(chunk)).toString('latin1');
    if (reader.takeWaiting()) waited += 1;
  }
  visible += Buffer.from(reader.flush()).toString('latin1');
  return { visible, status: reader.status, waited };
}

function pieces(text: string, cuts: readonly number[]): readonly Uint8Array[] {
  const data = Buffer.from(text, 'latin1');
  const ends = [...cuts, data.length];
  return ends.map((end, index) => data.subarray(ends[index - 1] ?? 0, end));
}

describe('createTerminalCommand', () => {
  it('passes everything to sh as arguments, so that sh parses none of it', () => {
    const [sh, c, , ...args] = createTerminalCommand({
      ...OPTIONS,
      directory: '/srv/a b',
      argv: ['printf', '%s', '$x'],
    });
    const settings = [NONCE, '', 'xterm-256color', '40', '120', '/srv/a b'];
    expect([sh, c, ...args]).toEqual(['sh', '-c', 'ecsh', ...settings, 'printf', '%s', '$x']);
  });

  it('leaves options empty that were not given', () => {
    const args = createTerminalCommand({ ...OPTIONS, term: undefined, waits: true }).slice(3);
    expect(args).toEqual(['ecsh', NONCE, 'w', '', '40', '120', '']);
  });

  it('contains no marker that could be mistaken in an echo of the command (C-11)', () => {
    const script = createTerminalCommand(OPTIONS).join(' ');
    expect(script).not.toContain('\u001b');
    expect(script).not.toContain('{{');
  });
});

describe.each(COMMON_SHELLS)('the terminal command in %s', (shell) => {
  interface Run {
    readonly output: string;
    readonly status: number | undefined;
  }

  interface Image {
    readonly without?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    /** The input to type after some output. */
    readonly typed?: string;
    /** Returns the lines of variables that arrive; by default all of them. */
    readonly onWay?: (messages: readonly string[]) => readonly string[];
  }

  async function run(
    changes: Partial<TerminalCommandOptions>,
    variables: Readonly<Record<string, string>> = {},
    { without = [], env = {}, typed, onWay = (lines) => lines }: Image = {},
  ): Promise<Run> {
    const waits = Object.keys(variables).length > 0;
    const [, ...args] = createTerminalCommand({ ...OPTIONS, waits, ...changes });
    const reader = new TerminalCommandReader(NONCE);
    let output = '';
    let keys = typed;
    const image = { ...imageEnvironment(shell, without), ...env };
    const pty = await spawnPty([...SHELLS[shell], ...args], image, (chunk) => {
      output += Buffer.from(reader.read(chunk)).toString();
      if (reader.takeWaiting()) {
        const lines = new NumberedLines().messages([...environmentLines(variables), GO]);
        for (const message of onWay(lines)) pty.write(message);
      }
      if (output === '' || keys === undefined) return;
      pty.write(keys);
      keys = undefined;
    });
    await pty.ended;
    return { output: output + Buffer.from(reader.flush()).toString(), status: reader.status };
  }

  const sh = (script: string, ...args: readonly string[]) => ({
    argv: ['sh', '-c', script, 'sh', ...args],
  });

  it("sets TERM and the size before the command's first byte (C-6), and reports its status", async () => {
    expect(await run(sh('echo $TERM; stty size; exit 7'))).toEqual({
      output: 'xterm-256color\r\n40 120\r\n',
      status: 7,
    });
  });

  it('works without stty', async () => {
    expect(await run(sh('echo $TERM; exit 7'), {}, { without: ['stty'] })).toEqual({
      output: 'xterm-256color\r\n',
      status: 7,
    });
  });

  it('starts the command in the given directory', async () => {
    expect(await run({ argv: ['pwd'], directory: '/usr' })).toEqual({
      output: '/usr\r\n',
      status: 0,
    });
  });

  it('starts a shell in the given directory', async () => {
    const { output, status } = await run({ directory: '/usr' }, {}, { typed: 'pwd; exit 3\r' });
    expect(output).toMatch(/^\/usr\r$/m);
    expect(status).toBe(3);
  });

  it('reports 126 if the directory does not exist', async () => {
    const { output, status } = await run({ argv: ['pwd'], directory: '/nowhere' });
    expect(output).toContain('/nowhere');
    expect(status).toBe(126);
  });

  it.each([
    [{ argv: ['missing-program'] }, 127],
    [sh('kill -s TERM $$'), 128 + 15],
    [sh('kill -s INT $$'), 128 + 2],
  ])('reports the status of %j like a shell (C-12)', async (changes, status) => {
    expect((await run(changes)).status).toBe(status);
  });

  it.each([
    ['Ctrl-C', '\u0003', 128 + 2],
    ['Ctrl-\\', '\u001c', 128 + 3],
  ])('survives the %s that ends the command (C-13)', async (_key, typed, status) => {
    // The first output is the program's: until then bash ignores SIGQUIT.
    const result = await run(sh('ulimit -c 0; exec yes'), {}, { typed });
    expect(result).toEqual({ output: expect.stringMatching(/^y\r\n/), status });
  });

  it('sets variables with any value, without showing it', async () => {
    const variables = { A: 'one two', B: "it's $x `y` \\n\n", EMPTY: '' };
    const script = 'printf "[%s]" "$A" "$B" "$EMPTY" | base64 -w 0';
    const output = Buffer.from("[one two][it's $x `y` \\n\n][]").toString('base64');
    expect(await run(sh(script), variables)).toEqual({ output, status: 0 });
  });

  it('sets a variable that is longer than a line of the terminal', async () => {
    const value = '{"key": "0123456789"}\n'.repeat(500);
    expect(await run(sh('printf %s "$LONG" | wc -c'), { LONG: value })).toEqual({
      output: expect.stringMatching(/^ *11000\r\n$/),
      status: 0,
    });
  });

  it('runs a script that is sent with them, instead of the third argument', async () => {
    const text = `'"\`$x \\n é \u{1f642} \u0001\u0003\u0004\u0015\r\n\n`.repeat(3_000);
    const script = `printf '<%s>' "$@"; wc -c <<'END'\n${text}END\nprintf %s "$A"; exit 7\n\n`;
    expect(await run(sh('exit 255', 'a  b'), { A: '1', [SCRIPT]: script })).toEqual({
      output: `<a  b>${Buffer.byteLength(text)}\r\n1`,
      status: 7,
    });
  });

  it('restores the modes of the terminal before the command starts', async () => {
    const { output } = await run(sh('stty -a'), { A: 'x' });
    const modes = output.split(/\s+/);
    expect(modes).toEqual(expect.arrayContaining(['echo', 'icanon']));
  });

  it.each(['n', 'w', 't', 'r', 'c', 'd', 'l', 'v'])(
    'is not disturbed by a variable named %s',
    async (name) => {
      const show = sh(`printf %s "$${name}"; exit 7`);
      expect(await run(show, { [name]: 'mine', Z: 'last' })).toEqual({ output: 'mine', status: 7 });
      expect(await run(show, {}, { env: { [name]: 'image' } })).toEqual({
        output: 'image',
        status: 7,
      });
    },
  );
});

describe('TerminalCommandReader', () => {
  const transcript = `hello \u001b[1mworld${say('go')}\u001b]0;title\u0007\r\n${say('7')}`;
  const expected: Reading = {
    visible: 'hello \u001b[1mworld\u001b]0;title\u0007\r\n',
    status: 7,
    waited: 1,
  };

  it("removes the script's reports from the output", () => {
    expect(read(pieces(transcript, []))).toEqual(expected);
  });

  it('does so wherever the output is split', () => {
    for (let cut = 0; cut <= transcript.length; cut++) {
      expect(read(pieces(transcript, [cut])), `cut at ${cut}`).toEqual(expected);
    }
  });

  it('does so byte by byte', () => {
    const cuts = Array.from({ length: transcript.length }, (_, index) => index);
    expect(read(pieces(transcript, cuts))).toEqual(expected);
  });

  it('does so for any split, with any bytes around', () => {
    const bytes = fc.array(fc.constantFrom('a', '\u001b', ']', 'ecsh', ';', '\u0007', '\u00ff'));
    fc.assert(
      fc.property(bytes, bytes, fc.array(fc.nat({ max: 80 })), (before, after, cuts) => {
        const [left, right] = [before.join(''), after.join('')];
        const text = `${left}${say('130')}${right}`;
        const sorted = cuts.filter((cut) => cut < text.length).sort((a, b) => a - b);
        expect(read(pieces(text, sorted))).toEqual({
          visible: left + right,
          status: 130,
          waited: 0,
        });
      }),
    );
  });

  it.each([
    ['another nonce', '\u001b]ecsh;deadbeef;0\u0007'],
    ['a start without an end', `\u001b]ecsh;${NONCE};`],
    ['the beginning of a mark', '\u001b]ecsh;0f9d'],
    ['a lone escape', 'text\u001b'],
    ['too long a report', `\u001b]ecsh;${NONCE};${'7'.repeat(5_000)}`],
  ])('shows %s', (_, text) => {
    const halves = pieces(text, [Math.floor(text.length / 2)]);
    expect(read(halves)).toEqual({ visible: text, status: undefined, waited: 0 });
  });

  it('holds back at most one report', () => {
    const reader = new TerminalCommandReader(NONCE);
    const text = `\u001b]ecsh;${NONCE};${'7'.repeat(5_000)}`;
    expect(Buffer.from(reader.read(Buffer.from(text))).toString()).toBe(text);
  });

  it('reads any number of reports in one chunk', () => {
    const chunk = Buffer.from(say('go').repeat(50_000) + say('1'));
    expect(read([chunk])).toEqual({ visible: '', status: 1, waited: 1 });
  });

  it('reports once that the command waits', () => {
    const reader = new TerminalCommandReader(NONCE);
    reader.read(Buffer.from(say('go')));
    expect([reader.takeWaiting(), reader.takeWaiting()]).toEqual([true, false]);
  });
});
