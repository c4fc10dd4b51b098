import { beforeEach, describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { BufferStream } from '#test/fakes/fake-streams.ts';
import { Reporter, type ReporterOptions } from '#ui/reporter.ts';

const TIME = '2025-01-01T00:00:00.000Z';
const RED_LABEL = '\u001b[31mecsh:\u001b[39m';

let stderr: BufferStream;
let log: BufferStream;

beforeEach(() => {
  stderr = new BufferStream();
  log = new BufferStream();
});

function createReporter(changes: Partial<ReporterOptions> = {}): Reporter {
  return new Reporter({
    stderr,
    env: {},
    color: 'auto',
    isQuiet: false,
    isVerbose: false,
    debugStream: undefined,
    now: () => Date.parse(TIME),
    startedAt: Date.parse(TIME) - 120,
    ...changes,
  });
}

/** Calls every method once. */
function sayAll(reporter: Reporter): void {
  reporter.notice('a notice');
  reporter.detail('a detail');
  reporter.debug('for the log');
  reporter.failure(new EcshError('usage', 'It failed.', { hint: 'Do this.' }));
}

describe('the output', () => {
  it.each<readonly [string, Partial<ReporterOptions>, string]>([
    ['by default', {}, 'a notice\necsh: It failed. [usage]\n  Do this.\n'],
    ['with --quiet', { isQuiet: true }, 'ecsh: It failed. [usage]\n  Do this.\n'],
    [
      'with --verbose',
      { isVerbose: true },
      'a notice\na detail\necsh: It failed. [usage]\n  Do this.\n',
    ],
  ])('%s', (_, options, expected) => {
    sayAll(createReporter(options));
    expect(stderr.text).toBe(expected);
  });

  it('also goes to the log with the time, regardless of stderr', () => {
    sayAll(createReporter({ debugStream: log, isQuiet: true }));
    expect(log.text).toBe(
      `${TIME} +120ms a detail\n${TIME} +120ms for the log\n${TIME} +120ms EcshError: It failed. [usage]\n`,
    );
  });

  it('contains no control characters from any source', () => {
    const reporter = createReporter({ isVerbose: true, debugStream: log });
    reporter.notice('n\u001b[2J');
    reporter.detail('d\u001b[2J');
    reporter.failure(new EcshError('usage', 'm\u001b[2J', { hint: 'h\u001b[2J' }));
    expect(stderr.text).toBe('n\\x1b[2J\nd\\x1b[2J\necsh: m\\x1b[2J [usage]\n  h\\x1b[2J\n');
    expect(log.text).toBe(
      `${TIME} +120ms d\\x1b[2J\n${TIME} +120ms EcshError: m\\x1b[2J [usage]\n`,
    );
  });
});

describe('a notice', () => {
  it("marks the lines in a foreign name, so that they cannot look like ecsh's own", () => {
    createReporter().notice('Started task a\necsh: Run this\r\nand that.');
    expect(stderr.text).toBe('Started task a\n  | ecsh: Run this\n  | and that.\n');
  });
});

describe('a failure', () => {
  it('can have no hint', () => {
    createReporter().failure(new EcshError('usage', 'It failed.'));
    expect(stderr.text).toBe('ecsh: It failed. [usage]\n');
  });

  it('has all its causes in the log', () => {
    const first = new TypeError('no such host');
    const second = new EcshError('host-unreachable', 'Cannot connect.', { cause: first });
    createReporter({ debugStream: log }).failure(
      new EcshError('session-failed', 'It failed.', { cause: second }),
    );
    expect(log.text).toBe(
      [
        `${TIME} +120ms EcshError: It failed. [session-failed]`,
        `${TIME} +120ms EcshError: Cannot connect. [host-unreachable]`,
        `${TIME} +120ms TypeError: no such host`,
        '',
      ].join('\n'),
    );
  });
});

describe('a bug', () => {
  it('is reported as a bug, with its stack trace', () => {
    const error = new TypeError('x is not a function');
    createReporter().bug(error);
    expect(stderr.text).toBe(`ecsh: This is a bug in ecsh. [bug]\n${error.stack}\n`);
  });

  it('does not have to be an Error', () => {
    createReporter().bug('thrown text');
    expect(stderr.text).toBe('ecsh: This is a bug in ecsh. [bug]\nthrown text\n');
  });
});

describe('color', () => {
  it.each<readonly [string, Partial<ReporterOptions>, boolean, boolean]>([
    ['on a terminal', {}, true, true],
    ['elsewhere', {}, false, false],
    ['with NO_COLOR', { env: { NO_COLOR: '1' } }, true, false],
    ['with an empty NO_COLOR', { env: { NO_COLOR: '' } }, true, true],
    ['on a dumb terminal', { env: { TERM: 'dumb' } }, true, false],
    ['with always', { color: 'always', env: { NO_COLOR: '1' } }, false, true],
    ['with never', { color: 'never' }, true, false],
  ])('%s', (_, options, isTTY, isColored) => {
    stderr.isTTY = isTTY;
    createReporter(options).failure(new EcshError('usage', 'It failed.'));
    const [label, code] = isColored
      ? [RED_LABEL, '\u001b[2m[usage]\u001b[22m']
      : ['ecsh:', '[usage]'];
    expect(stderr.text).toBe(`${label} It failed. ${code}\n`);
  });
});
