import { createInterface } from 'node:readline';
import { END_SIGNALS } from '../domain/ports.ts';
import type { DialogWorld } from './list-dialog.ts';

/** Asks on one line for a yes; everything else is a no, and so are Ctrl-C, Ctrl-D and signals. */
export function askYesOrNo(
  { input, output, signals }: Omit<DialogWorld, 'style'>,
  message: string,
): Promise<boolean> {
  const editor = createInterface({ input, output, terminal: true, historySize: 0 });
  return new Promise((resolve) => {
    let answer: string | undefined;
    const forget = END_SIGNALS.map((signal) => signals.on(signal, () => editor.close()));
    editor.once('close', () => {
      for (const run of forget) run();
      // Enter ends the line; nothing else does.
      if (answer === undefined) output.write('\r\n');
      resolve(/^\s*y(es)?\s*$/i.test(answer ?? ''));
    });
    editor.question(`${message} [y/N] `, (text) => {
      answer = text;
      editor.close();
    });
  });
}
