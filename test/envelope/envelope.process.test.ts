import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SCRIPT } from '#envelope/envelope-input.ts';
import { rounds } from '#test/helpers/rounds.ts';
import { runEnvelope } from '#test/helpers/run-envelope.ts';
import { COMMON_SHELLS } from '#test/helpers/shells.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

/** 100 KB of lines with everything that may occur in a script and disturb a terminal. */
function longText(): string {
  const controls = Array.from({ length: 31 }, (_, index) => String.fromCharCode(index + 1)).join(
    '',
  );
  const line = `'"\`$x \\ \\n %s {{a}} * é 日本 \u{1f642} \u007f CR\r ${controls}\r\n\n`;
  return line.repeat(Math.ceil(100_000 / Buffer.byteLength(line)));
}

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const digest = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

describe.each(COMMON_SHELLS)('the envelope in %s', { concurrent: true }, (shell) => {
  test('keeps stdout, stderr and the status separate', async () => {
    const result = await runEnvelope(shell, ['sh', '-c', 'echo out; echo err >&2; exit 7']);
    expect(result).toEqual({
      status: 7,
      stdout: Buffer.from('out\n'),
      stderr: Buffer.from('err\n'),
      features: {
        hasTerminalSettings: true,
        output: 'base64',
        input: 'base64',
        hasProcessGroup: true,
      },
      ended: ['stderr', 'stdout'],
      damaged: [],
      isInputDamaged: false,
      hasStarted: true,
    });
  });

  test.each([
    ['true', ['true'], 0],
    ['false', ['false'], 1],
    ['a missing program', ['nosuchcmd'], 127],
    ['a file that is not a program', ['/etc/passwd'], 126],
    ['exit in a trap', ['sh', '-c', 'trap "exit 9" EXIT; exit 3'], 9],
    ['an empty trap', ['sh', '-c', 'trap "" EXIT; exit 9'], 9],
    ['set -e', ['sh', '-c', 'set -e; false; echo no'], 1],
    ['exec', ['sh', '-c', 'exec false'], 1],
    ['SIGINT', ['sh', '-c', 'kill -2 $$'], 130],
    ['SIGKILL', ['sh', '-c', 'kill -9 $$'], 137],
    ['SIGTERM', ['sh', '-c', 'kill -15 $$'], 143],
    ['128', ['sh', '-c', 'exit 128'], 128],
    ['255', ['sh', '-c', 'exit 255'], 255],
  ])('reports the status of %s (C-12)', async (_name, argv, status) => {
    expect((await runEnvelope(shell, argv)).status).toBe(status);
  });

  test('passes every argument unchanged', async () => {
    const args = ['', ' ', "it's", '"', '$HOME', '*', '\\n', 'a\nb', '#', '-n', 'ü', '`id`'];
    const result = await runEnvelope(shell, ['printf', '%s\\0', ...args]);
    expect(result.stdout.toString().split('\0').slice(0, -1)).toEqual(args);
  });

  test('transfers every byte in both directions (C-8)', async () => {
    const result = await runEnvelope(shell, ['cat'], { stdin: everyByte });
    expect(result.stdout).toEqual(everyByte);
  });

  test.each([
    ['nothing', ''],
    ['one byte', 'x'],
    ['control characters', '\x04\x03\x1a\0\x11\x13\x1c\x15\r\n\x04\x04\x04\n\x04'],
    ['half a character at the end', Buffer.from([...Buffer.from('né'), 0xe2, 0x82])],
    ['text with CRLF', 'one\r\ntwo\r\n\r\r\nthree'.repeat(500)],
    ['only U+FFFD', '\ufffd'.repeat(5_000)],
    ['characters of every length', 'aé€\uff21😀\n'.repeat(2_000)],
    ['one line of 60 KB', `${'x'.repeat(60_000)}\n`],
  ])('passes %s through stdin, stdout and stderr', async (_name, content) => {
    const stdin = Buffer.from(content);
    const { status, stdout, stderr } = await runEnvelope(shell, ['tee', '/dev/stderr'], { stdin });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: stdin, stderr: stdin });
  });

  test('transfers many random bytes each way (C-8)', async () => {
    const stdin = randomBytes(Math.max(200_000, rounds(1_000_000)));
    const result = await runEnvelope(shell, ['tee', '/dev/stderr'], { stdin });
    expect(digest(result.stdout)).toBe(digest(stdin));
    expect(digest(result.stderr)).toBe(digest(stdin));
  });

  test('sends further ahead to a command that reads all of its stdin, with or without base64', async () => {
    for (const without of [[], ['base64']]) {
      const stdin = randomBytes(without.length === 0 ? 400_000 : 100_000);
      const options = { stdin, without, readsStdin: true };
      const { stdout, status } = await runEnvelope(shell, ['cat'], options);
      expect({ status, digest: digest(stdout) }).toEqual({ status: 0, digest: digest(stdin) });
    }
  });

  test('drops messages that the agent writes twice (S-8a)', async () => {
    const stdin = randomBytes(200_000);
    const environment = {
      A: 'x'.repeat(5_000),
      [SCRIPT]: `cat; printf %s "$A" >&2 #${'y'.repeat(50_000)}`,
    };
    const result = await runEnvelope(shell, ['sh', '-c', 'exit 255', 'sh'], {
      stdin,
      environment,
      onWay: (message, index) => Array.from({ length: 1 + (index % 3) }, () => message),
    });
    expect(result).toMatchObject({ status: 0, isInputDamaged: false });
    expect(digest(result.stdout)).toBe(digest(stdin));
    expect(result.stderr.toString()).toBe(environment.A);
  });

  test.each([
    ['a line is missing', (message: string, index: number) => (index === 9 ? [] : [message])],
    [
      'a line was altered',
      (message: string, index: number) => [index === 9 ? message.replace(/D./, 'Da') : message],
    ],
    [
      'a line was cut',
      (message: string, index: number) => [index === 9 ? message.replace(/.{4}\n/, '\n') : message],
    ],
  ])('reports damage instead of the end of input if %s', async (_name, onWay) => {
    // Replaces the first letter by another one.
    const stdin = Buffer.alloc(100_000, 'zz');
    const result = await runEnvelope(shell, ['sh', '-c', 'cat >/dev/null; echo end'], {
      stdin,
      onWay,
    });
    expect(result).toMatchObject({ isInputDamaged: true, stdout: Buffer.alloc(0) });
  });

  test('reports damage and runs nothing if variables are missing', async () => {
    const result = await runEnvelope(shell, ['sh', '-c', 'echo ran'], {
      environment: { A: 'x' },
      onWay: (message, index) => (index === 0 ? [] : [message]),
    });
    expect(result).toMatchObject({ isInputDamaged: true, stdout: Buffer.alloc(0) });
  });

  test('gives the command an empty stdin by default', async () => {
    expect((await runEnvelope(shell, ['cat'])).stdout).toEqual(Buffer.alloc(0));
    expect((await runEnvelope(shell, ['cat'], { stdin: Buffer.alloc(0) })).status).toBe(0);
  });

  test('ends at once when the command stops reading', async () => {
    const stdin = Buffer.from('y\n'.repeat(500_000));
    const result = await runEnvelope(shell, ['head', '-n', '1'], { stdin });
    expect(result.stdout.toString()).toBe('y\n');
    expect(result.status).toBe(0);
  });

  test('sets variables without their values in the command', async () => {
    const environment = { SECRET: ' a=b\n"c" $d\\\t*ü ', EMPTY: '' };
    const result = await runEnvelope(shell, ['sh', '-c', 'printf "%s|%s" "$SECRET" "$EMPTY"'], {
      environment,
    });
    expect(result.stdout.toString()).toBe(`${environment.SECRET}|`);
  });

  test('sets variables of any length', async () => {
    const environment = { LONG: '{'.repeat(30_000), NEXT: 'x' };
    const result = await runEnvelope(shell, ['sh', '-c', 'printf %s "$LONG$NEXT"'], {
      environment,
    });
    expect(result.stdout.toString()).toBe(`${environment.LONG}x`);
  });

  test.each<readonly string[][]>([[[]], [['base64']], [['base64', 'setsid']], [['stty']]])(
    'runs a script that is sent, with any content (without %j)',
    async (without) => {
      const text = longText();
      const script = `printf '<%s>' "$@"; cat <<'END'\n${text}END\nprintf %s "$A$_v"; exit 7\n\n`;
      const result = await runEnvelope(shell, ['sh', '-c', 'exit 255', 'sh', 'a  b', "it's"], {
        environment: { A: '1', _v: 'mine', [SCRIPT]: script },
        without,
      });
      expect(result.status).toBe(7);
      expect(result.stderr.toString()).toBe('');
      const isExact = result.stdout.toString() === `<a  b><it's>${text}1mine`;
      // Without stty the terminal echoes the script. If output is read slowly, the echo ends up in it.
      const isHonest = without.includes('stty') && result.damaged.includes('stdout');
      expect(isExact || isHonest).toBe(true);
    },
  );

  test('gives such a script its stdin at once', async () => {
    const stdin = randomBytes(300_000);
    const environment = { [SCRIPT]: `cat; exit 3 #${'x'.repeat(100_000)}` };
    const result = await runEnvelope(shell, ['sh', '-c', 'exit 255', 'sh'], { environment, stdin });
    expect(result.status).toBe(3);
    expect(digest(result.stdout)).toBe(digest(stdin));
  });

  test('changes the directory, or reports that it cannot', async () => {
    expect((await runEnvelope(shell, ['pwd'], { directory: '/usr' })).stdout.toString()).toBe(
      '/usr\n',
    );
    const result = await runEnvelope(shell, ['pwd'], { directory: '/nowhere' });
    expect(result.status).toBe(126);
    expect(result.stderr.toString()).toContain('/nowhere');
  });

  test('merges stderr into stdout', async () => {
    const script = 'echo 1; echo 2 >&2; echo 3';
    const result = await runEnvelope(shell, ['sh', '-c', script], { merges: true });
    expect(result.stdout.toString()).toBe('1\n2\n3\n');
    expect(result.stderr.length).toBe(0);
  });

  test('is not confused by a listing of its own processes', async () => {
    const result = await runEnvelope(shell, ['sh', '-c', 'cat /proc/*/cmdline; echo; echo x9']);
    expect(result.status).toBe(0);
    expect(result.stdout.toString()).toMatch(/x9\n$/);
  });

  test('does not wait for a background process that holds its output open', async () => {
    const result = await runEnvelope(shell, ['sh', '-c', 'sleep 30 & echo $!']);
    expect(result.status).toBe(0);
    process.kill(Number(result.stdout.toString()));
  });

  test('has no terminal, like docker exec', async () => {
    const result = await runEnvelope(shell, ['sh', '-c', ': </dev/tty']);
    expect(result.status).not.toBe(0);
  });

  test.each([
    ['text', 'one\ntwo\n\nthree'],
    ['CR NL', 'a\r\nb\r\r\n\r'],
    ['U+FFFD', '\ufffd\ufffd x \ufffd\n\ufffd'],
    ['every kind of character', 'aé€\uff21😀\t\u0001\u0002\u001b[1m'],
  ])('passes %s in the raw encoding as plain text', async (_name, text) => {
    const script = 'cat; cat "$0" >&2';
    const file = join(temporaryFolder('raw'), 'text');
    writeFileSync(file, text);
    const result = await runEnvelope(shell, ['sh', '-c', script, file], {
      stdin: Buffer.from(text),
      raw: true,
    });
    expect(result.features?.output).toBe('raw');
    expect(result.stdout.toString()).toBe(text);
    expect(result.stderr.toString()).toBe(text);
    expect(result.damaged).toEqual([]);
  });

  test('does not report damage in the raw encoding as output (C-8)', async () => {
    const result = await runEnvelope(shell, ['sh', '-c', 'printf "\\000" >&2'], { raw: true });
    expect(result.damaged).toEqual(['stderr']);
  });

  test('reports the sum of a raw stream that a background process holds open', async () => {
    const result = await runEnvelope(shell, ['sh', '-c', 'sleep 30 & echo $!'], { raw: true });
    expect(result.status).toBe(0);
    expect(result.damaged).toEqual([]);
    process.kill(Number(result.stdout.toString()));
  });

  test.each([
    ['base64', { output: 'hex', input: 'escapes' }],
    ['setsid', { hasProcessGroup: false }],
    ['stty', { hasTerminalSettings: false }],
  ])('works without %s in the image', async (tool, features) => {
    const without = tool === 'base64' ? ['base64'] : [tool];
    const script = 'printf "\\377\\000a\\r\\n"; echo err >&2; exit 5';
    const result = await runEnvelope(shell, ['sh', '-c', script], { without });
    expect(result).toMatchObject({ status: 5, features, ended: ['stderr', 'stdout'] });
    expect(result.stdout).toEqual(Buffer.from([0xff, 0, 0x61, 0x0d, 0x0a]));
    expect(result.stderr.toString()).toBe('err\n');
  });

  test('transfers stdin without base64 in the image', async () => {
    const result = await runEnvelope(shell, ['cat'], { stdin: everyByte, without: ['base64'] });
    expect(result.stdout).toEqual(everyByte);
  });

  test('falls back to raw without base64 and od, even without stty', async () => {
    const without = ['base64', 'od', 'stty'];
    const result = await runEnvelope(shell, ['printf', 'a\r\nb\n'], { without });
    expect(result.features?.output).toBe('raw');
    expect(result.stdout.toString()).toBe('a\r\nb\n');
    expect(result.damaged).toEqual([]);
  });

  test.each([['dd'], ['base64', 'od', 'tee']])('runs nothing without %s', async (...without) => {
    const result = await runEnvelope(shell, ['true'], { without });
    expect(result).toMatchObject({ status: undefined, features: { output: 'none' } });
  });
});
