import { describe, expect, it } from 'vitest';
import { joinMessages, readTranscript } from '#logs/session-transcript.ts';

const NONCE = '1dc081b18fe70e59';
const MARK = `\u0001${NONCE}`;
/** A recording in S3, with the frame of `script`. */
const recorded = (text: string) =>
  `Script started on 2026-01-31 12:00:00+00:00 [COMMAND="cat ipcTempFile.log"]\n${text.replaceAll('\n', '\r\n')}\nScript done on 2026-01-31 12:00:01+00:00 [COMMAND_EXIT_CODE="0"]\n`;

const base64 = (text: string) => Buffer.from(text).toString('base64');
const stdout = (text: string) => ({ kind: 'output', stream: 'stdout', text });
const stderr = (text: string) => ({ kind: 'output', stream: 'stderr', text });
const terminal = (text: string) => ({ kind: 'output', stream: 'terminal', text });
const status = (value: number) => ({ kind: 'status', status: value });

describe('the log of a session', () => {
  it('shows the output of exec in the raw encoding, and its status at the end', () => {
    const log = `\n${NONCE} trbg\n${MARK}p8957\nout\n${MARK}x7\n${MARK}\u0002${MARK}s14231409799 22\n${MARK}2err\n${MARK}3${MARK}\u0002\n${MARK}s25783022 32\n`;
    expect(readTranscript(recorded(log))).toEqual([stdout('out\n'), stderr('err\n'), status(7)]);
  });

  it('decodes the output of exec in base64, even if a character is split between two lines', () => {
    const [head, tail] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    const lines = [
      `${NONCE} tbbg`,
      `1${head.toString('base64')}.`,
      `1${tail.toString('base64')}.`,
      `2${base64('warning\n')}.`,
      `1${base64(`${MARK}\u0002`)}.`,
      'x0',
    ];
    expect(readTranscript(`\n${lines.join('\n')}\n`)).toEqual([
      stdout('é'),
      stderr('warning\n'),
      status(0),
    ]);
  });

  it('names each command of a shared session before its output, and its status after it', () => {
    const lines = [
      `${NONCE} tbbgmp`,
      ...['q11 10', 'q21 11', "# ecsh: sh -c 'echo one", "# ecsh+ ; exit 1'", 'p1 12 10', 'x1 1'],
      ...[`11:0 ${base64('one\n')}`, 'e21', 'e11'],
      ...['q12 20', '# ecsh: true', 'x2 0'],
    ];
    expect(readTranscript(recorded(`\n${lines.join('\n')}\n`))).toEqual([
      { kind: 'command', command: "sh -c 'echo one; exit 1'" },
      stdout('one\n'),
      status(1),
      { kind: 'command', command: 'true' },
      status(0),
    ]);
  });

  it('decodes a shared session in hexadecimal too', () => {
    expect(readTranscript(`\n${NONCE} txxgmp\n11:0  6f 6e 65 0a\n`)).toEqual([stdout('one\n')]);
  });

  it('shows a shell as on the terminal, without the marks of ecsh', () => {
    const mark = (word: string) => `\u001b]ecsh;0cea765042d9107e88a699fb;${word}\u0007`;
    const log = `${mark('on')}$ ls\r\nfile\r\n${mark('3')}`;
    expect(readTranscript(recorded(log))).toEqual([terminal('$ ls\nfile\n'), status(3)]);
  });

  it('leaves a session of another client unchanged', () => {
    expect(readTranscript('hello\n')).toEqual([terminal('hello\n')]);
    expect(readTranscript('')).toEqual([]);
  });

  it('joins messages that the agent has split, and lines of messages in JSON', () => {
    expect(joinMessages(['one\ntwo', 'three'])).toBe('one\ntwo\nthree');
    const json = JSON.stringify({ eventVersion: '1.0', sessionData: ['a', 'b'] });
    expect(joinMessages([json, '{"other": 1}', '{broken'])).toBe('a\nb\n{"other": 1}\n{broken');
  });
});
