import { describe, expect, it } from 'vitest';
import { explainSessionOutput } from '#session/session-output.ts';
import { readFixture } from '#test/fakes/sample-task.ts';

interface Sample {
  readonly text: string;
  readonly expectedCause: string;
}

const CODES: Readonly<Record<string, string>> = {
  'shell-missing': 'command-not-found',
  'shell-syntax-without-shell': 'command-not-found',
};
const samples = readFixture('errors/session-messages.json') as readonly Sample[];
const START = '----------ERROR-------\nUnable to start command: Failed to start pty: ';

describe('explainSessionOutput', () => {
  it.each(samples)('recognizes $expectedCause', ({ text, expectedCause }) => {
    expect(explainSessionOutput(text)?.code).toBe(CODES[expectedCause] ?? expectedCause);
  });

  // PROTOCOL 4.9.
  it.each([
    ['Your session timed out due to inactivity and has been terminated.', 'session-idle'],
    [`${START}fork/exec /bin/bash: no such file or directory\n`, 'command-not-found'],
    [`${START}exec: "/x/y": stat /x/y: no such file or directory`, 'command-not-found'],
    [`${START}fork/exec /etc/hosts: permission denied`, 'command-not-executable'],
    [`${START}fork/exec /bin/app: exec format error`, 'command-not-executable'],
    [`${START}something else`, 'command-not-started'],
    [
      'Unable to start command: Failed to parse commands input: EOF found when expecting closing quote',
      'command-unparsable',
    ],
    [
      'Plugin with name InteractiveCommands not found. Step name: InteractiveCommands',
      'agent-cannot-write',
    ],
    ['Encountered error while initiating handshake. Something new', 'handshake-failed'],
    ['Timed out waiting for encryption challenge.', 'encryption-challenge-timeout'],
    [
      'Fetching data key failed: Unable to retrieve data key, Error when decrypting data key InvalidCiphertextException',
      'encryption-context',
    ],
    [
      'Setting up data channel with id abc failed: dial tcp: i/o timeout',
      'data-channel-unreachable',
    ],
    [
      'document process failed unexpectedly: EOF, check [ssm-document-worker]/[ssm-session-worker] log for crash reason',
      'session-worker-crashed',
    ],
    ['unable to generate log data: exec: "script"', 'session-log-failed'],
  ])('"%s" is %s', (text, code) => {
    expect(explainSessionOutput(text)?.code).toBe(code);
  });

  it('names the missing program', () => {
    const text =
      'Unable to start command: Failed to start pty: exec: "DRY_RUN=true": executable file not found in $PATH';
    expect(explainSessionOutput(text)?.message).toBe(
      'The container has no program "DRY_RUN=true".',
    );
  });

  it.each(['', 'permission denied', 'no such file or directory', 'bye'])(
    'does not explain "%s"',
    (text) => {
      expect(explainSessionOutput(text)).toBeUndefined();
    },
  );
});
