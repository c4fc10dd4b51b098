import { createInterface, type Key } from 'node:readline';
import type { CancelledAnswer } from '#domain/ports/prompt-ports.ts';
import { END_SIGNALS } from '#domain/ports/system-ports.ts';
import { ESCAPE_DELAY_MS } from './keyboard.ts';
import type { DialogWorld } from './list-dialog.ts';
import { proseWidth, wrapProse } from './wrap.ts';

/** Asks on one line for a yes; everything else is a no, and so are Escape and Ctrl-D. */
export function askYesOrNo(
  { input, output, signals }: Omit<DialogWorld, 'style'>,
  message: string,
): Promise<boolean | CancelledAnswer> {
  const editor = createInterface({
    input,
    output,
    terminal: true,
    historySize: 0,
    escapeCodeTimeout: ESCAPE_DELAY_MS,
  });
  return new Promise((resolve) => {
    let line: string | undefined;
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
    // The key: in raw mode it is no signal.
    editor.on('SIGINT', () => cancel({ kind: 'cancelled' }));
    editor.once('close', () => {
      for (const run of forget) run();
      input.off('keypress', onKey);
      // Enter ends the line; nothing else does.
      if (line === undefined) output.write('\r\n');
      resolve(answer);
    });
    // readline redraws its last line only.
    const [last = '', ...before] = wrapProse(
      `${message} [y/N]`,
      proseWidth({ isTTY: true, columns: output.columns ?? 80 }),
      '',
    )
      .split('\n')
      .reverse();
    for (const each of before.reverse()) output.write(`${each}\r\n`);
    editor.question(`${last} `, (text) => {
      line = text;
      answer = /^\s*y(es)?\s*$/i.test(text);
      editor.close();
    });
  });
}
