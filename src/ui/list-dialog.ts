import { createInterface, type Interface, type Key } from 'node:readline';
import type { Answer, Question, Shortcut } from '#domain/ports/prompt-ports.ts';
import { END_SIGNALS, type Signals } from '#domain/ports/system-ports.ts';
import { ChoiceList } from './choice-list.ts';
import { ESCAPE_DELAY_MS, type Keyboard } from './keyboard.ts';
import { listFrame, pageSize } from './list-frame.ts';
import { type RegionOutput, ScreenRegion } from './screen-region.ts';
import type { Style } from './style.ts';

export interface DialogWorld {
  readonly input: Keyboard;
  readonly output: RegionOutput;
  readonly signals: Signals;
  readonly style: Style;
}

/**
 * Lets the user choose from a list, by moving and by searching. It restores the screen.
 *
 * None of the prompt libraries works here: they wrap long lines, page by a fixed height, confuse Escape with
 * Ctrl-C, ignore our flags for color, and leave their lines behind when a signal ends them.
 * Node's `readline` reads the keys and edits the search line.
 */
export function askList<T>(world: DialogWorld, question: Question<T>): Promise<Answer<T>> {
  return new Promise((resolve, reject) =>
    new ListDialog(world, question, { resolve, reject }).open(),
  );
}

interface Asker<T> {
  readonly resolve: (answer: Answer<T>) => void;
  readonly reject: (reason: unknown) => void;
}

class ListDialog<T> {
  readonly #world: DialogWorld;
  readonly #question: Question<T>;
  readonly #list: ChoiceList<T>;
  readonly #region: ScreenRegion;
  readonly #editor: Interface;
  readonly #asker: Asker<T>;
  #forget: readonly (() => void)[] = [];
  #text = '';
  #isLoading = false;
  /** Enter was pressed before any choice matched: choose when loading is complete. */
  #isChosenLater = false;
  #isDrawing = false;
  #isAnswered = false;
  /** Typed in one go with the answer, and read by the next question. */
  #typedAhead = '';

  constructor(world: DialogWorld, question: Question<T>, asker: Asker<T>) {
    this.#world = world;
    this.#question = question;
    this.#list = new ChoiceList(question.choices);
    this.#region = new ScreenRegion(world.output);
    this.#asker = asker;
    this.#editor = createInterface({
      input: world.input,
      terminal: true,
      historySize: 0,
      escapeCodeTimeout: ESCAPE_DELAY_MS,
      // Tab would become part of the search.
      completer: (line: string) => [[], line],
    });
  }

  open(): void {
    this.#forget = this.#listen();
    void this.#follow();
    this.#redraw();
  }

  /** Adds choices to the list while it is on the screen. */
  async #follow(): Promise<void> {
    const { follow } = this.#question;
    if (follow === undefined) return;
    this.#isLoading = true;
    try {
      await follow((choices) => {
        this.#list.replace(choices);
        this.#redrawSoon();
      });
      this.#isLoading = false;
      if (this.#isChosenLater) this.#choose(this.#text);
      this.#redrawSoon();
    } catch (error) {
      this.#end(() => this.#asker.reject(error));
    }
  }

  #listen(): readonly (() => void)[] {
    const { input, output, signals } = this.#world;
    const onKey = (_text: string | undefined, key: Key) => this.#onKey(key);
    const onResize = () => {
      this.#region.erase();
      this.#redraw();
    };
    input.on('keypress', onKey);
    output.on('resize', onResize);
    const editor = this.#editor;
    // Without listeners, readline would act on these keys itself.
    editor.on('SIGINT', () => undefined);
    editor.on('SIGTSTP', () => undefined);
    // Ctrl-D, or the terminal was closed.
    editor.on('close', () => this.#finish({ kind: 'cancelled' }));
    return [
      () => input.off('keypress', onKey),
      () => output.off('resize', onResize),
      ...END_SIGNALS.map((by) => signals.on(by, () => this.#finish({ kind: 'cancelled', by }))),
      signals.on('SIGCONT', () => this.#resume()),
    ];
  }

  /** readline has already handled the key: it edits the search. */
  #onKey(key: Key): void {
    if (this.#isAnswered) {
      this.#typedAhead += key.sequence ?? '';
      return;
    }
    const before = this.#text;
    this.#text = this.#editor.line;
    const { name = '', ctrl } = key;
    const shortcut = this.#question.shortcuts?.find((one) => ctrl && one.key === name);
    if (shortcut !== undefined) {
      this.#take(shortcut);
      return;
    }
    this.#isChosenLater = false;
    const action = actionOf(key);
    if (action === 'suspend') {
      this.#suspend();
      return;
    }
    if (action === 'choose') this.#choose(before);
    else if (action !== undefined) this.#act(action, before === '' && this.#text === '');
    this.#redrawSoon();
  }

  /** Home and similar keys belong to the search line as soon as it contains text. */
  #act(action: string, isOnEmpty: boolean): void {
    const { canGoBack } = this.#question;
    this.#list.search(this.#text);
    const page = pageSize(this.#region.size);
    if (action === 'up') this.#list.step(-1);
    else if (action === 'down') this.#list.step(1);
    else if (action === 'pageup') this.#list.jump(-page);
    else if (action === 'pagedown') this.#list.jump(page);
    else if (action === 'home' && isOnEmpty) this.#list.jump(-Infinity);
    else if (action === 'end' && isOnEmpty) this.#list.jump(Infinity);
    else if (action === 'cancel') this.#finish({ kind: 'cancelled' });
    else if (action === 'escape') this.#finish({ kind: canGoBack ? 'back' : 'cancelled' });
    else if (action === 'back' && isOnEmpty && canGoBack) this.#finish({ kind: 'back' });
  }

  #choose(text: string): void {
    this.#list.search(text);
    const { current } = this.#list;
    if (current !== undefined) {
      this.#finish({ kind: 'chosen', value: current.value });
      return;
    }
    this.#isChosenLater = this.#isLoading;
    // Enter has emptied the line of a search that found nothing.
    this.#editor.write(text);
    this.#text = text;
  }

  #take({ key, takesChoice = false }: Shortcut): void {
    if (!takesChoice) {
      this.#finish({ kind: 'shortcut', key });
      return;
    }
    this.#list.search(this.#text);
    const { current } = this.#list;
    if (current !== undefined) this.#finish({ kind: 'shortcut', key, value: current.value });
  }

  /** Draws once for all keys of a paste. */
  #redrawSoon(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    queueMicrotask(() => {
      this.#isDrawing = false;
      if (!this.#isAnswered) this.#redraw();
    });
  }

  #redraw(): void {
    const { line: text, cursor } = this.#editor;
    const { size } = this.#region;
    this.#list.search(text);
    this.#region.show(
      listFrame({
        list: this.#list,
        question: this.#question,
        isLoading: this.#isLoading,
        search: { text, cursor },
        size,
        style: this.#world.style,
      }),
    );
  }

  #suspend(): void {
    this.#region.erase();
    this.#world.input.setRawMode?.(false);
    this.#world.signals.suspend();
  }

  #resume(): void {
    // Others may have changed the mode in between, and Node.js would assume that it has not changed.
    this.#world.input.setRawMode?.(false);
    this.#world.input.setRawMode?.(true);
    this.#redraw();
  }

  #finish(answer: Answer<T>): void {
    this.#end(() => {
      const hasMore = this.#typedAhead !== '' && answer.kind !== 'cancelled';
      if (hasMore) this.#world.input.unshift(Buffer.from(this.#typedAhead));
      this.#asker.resolve(answer);
    });
  }

  #end(report: () => void): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#region.erase();
    // After the other keys of the same chunk.
    queueMicrotask(() => {
      for (const run of this.#forget) run();
      this.#editor.close();
      report();
    });
  }
}

const KEY_ACTIONS: Readonly<Record<string, string>> = {
  return: 'choose',
  enter: 'choose',
  up: 'up',
  down: 'down',
  pageup: 'pageup',
  pagedown: 'pagedown',
  home: 'home',
  end: 'end',
  escape: 'escape',
  left: 'back',
  backspace: 'back',
};
/** As in a shell. */
const CONTROL_ACTIONS: Readonly<Record<string, string>> = {
  c: 'cancel',
  d: 'cancel',
  p: 'up',
  n: 'down',
  z: 'suspend',
};

function actionOf({ name = '', ctrl }: Key): string | undefined {
  return (ctrl ? CONTROL_ACTIONS : KEY_ACTIONS)[name];
}
