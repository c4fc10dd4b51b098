import { askMfaCode, openKeyboard, type TerminalKeyboard } from '#terminal/mfa-prompt.ts';
import { keyboardUse } from './keyboard-use.ts';

/** Asks on the terminal for the code of an MFA device. */
export async function askForMfaCode(
  serial: string,
  { noInput, wasRejected }: { readonly noInput: boolean; readonly wasRejected: boolean },
): Promise<string> {
  keyboardUse.isAskingForMfaCode = true;
  takeKeyboard();
  try {
    return await askMfaCode(serial, {
      wasRejected,
      obstacle: obstacleToAsking(noInput),
      openInput: () => consoleKeyboard() ?? openKeyboard(),
      output: process.stderr,
    });
  } finally {
    keyboardUse.isAskingForMfaCode = false;
  }
}

/** The keyboard of a list that is loading, which keeps typed input (src/ui/waiting.ts). */
function takeKeyboard(): void {
  const { stdin } = process;
  if (!stdin.isTTY || !stdin.isRaw) return;
  stdin.setRawMode(false);
  stdin.pause();
}

function obstacleToAsking(noInput: boolean): string | undefined {
  if (noInput) return 'prompting is disabled by --no-input or ECSH_NO_INPUT';
  if (!process.stderr.isTTY) return 'there is no terminal to ask on';
  return keyboardUse.hasSession ? 'the terminal is in use by a session' : undefined;
}

/** Windows has no file for the terminal. */
function consoleKeyboard(): TerminalKeyboard | undefined {
  const { platform, stdin } = process;
  if (platform !== 'win32' || !stdin.isTTY) return undefined;
  return { input: stdin, close: () => stdin.pause() };
}
