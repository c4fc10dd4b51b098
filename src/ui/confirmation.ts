import { createInterface, type Interface, type Key } from 'node:readline';
import type { CancelledAnswer } from '#domain/ports/prompt-ports.ts';
import { END_SIGNALS } from '#domain/ports/system-ports.ts';
import { ESCAPE_DELAY_MS } from './keyboard.ts';
import type { DialogWorld } from './list-dialog.ts';
import { proseWidth, wrapProse } from './wrap.ts';

/** Asks for a yes on one line; everything else is a no, including Escape and Ctrl-D. */
export function askYesOrNo(
  { input, output, signals }: Omit<DialogWorld, 'style'>,
  message: string,
): Promise<boolean | CancelledAnswer> {
  const editor = openEditor(input, output);
  return new Promise((resolve) => {
    let hasEntered = false;
    let answer: boolean | CancelledAnswer = false;
    const cancel = (cancelled: CancelledAnswer) => {
      answer = cancelled;
      editor.close();
    };
    const onKey = (_text: string | undefined, key: Key) => {
      if (key.name === 'escape') editor.close();
    };
    const forget = END_SIGNALS.map((by) => signals.on(by, () => cancel({ kind: 'cancelled', by })));
    input.on('keypress', onKey);
    // The key, because it is not a signal in raw mode.
    editor.on('SIGINT', () => cancel({ kind: 'cancelled' }));
    editor.once('close', () => {
      for (const run of forget) run();
      input.off('keypress', onKey);
      // Only Enter ends the line.
      if (!hasEntered) output.write('\r\n');
      resolve(answer);
    });
    const lines = questionLines(message, output.columns);
    // readline only redraws its last line.
    for (const line of lines.slice(0, -1)) output.write(`${line}\r\n`);
    editor.question(`${lines.at(-1)} `, (text) => {
      hasEntered = true;
      answer = /^\s*y(es)?\s*$/i.test(text);
      editor.close();
    });
  });
}

function openEditor(input: DialogWorld['input'], output: DialogWorld['output']): Interface {
  return createInterface({
    input,
    output,
    terminal: true,
    historySize: 0,
    escapeCodeTimeout: ESCAPE_DELAY_MS,
  });
}

function questionLines(message: string, columns = 80): readonly string[] {
  return wrapProse(`${message} [y/N]`, proseWidth({ isTTY: true, columns }), '').split('\n');
}
