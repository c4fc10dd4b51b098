import type {
  Answer,
  Cancelled,
  Choice,
  Prompts,
  Question,
  Waited,
} from '#domain/ports/prompt-ports.ts';

/** Somebody who answers a question by what stands in a line, or does something else. */
export type Reply =
  | string
  | { readonly kind: 'back' }
  | { readonly kind: 'shortcut'; readonly key: string }
  | Cancelled;

/** Answers in order, and remembers what was asked; a question more than there are fails. */
export class ScriptedPrompts implements Prompts {
  readonly asked: { readonly message: string; readonly lines: readonly string[] }[] = [];
  readonly questions: Question<unknown>[] = [];
  readonly confirmations: string[] = [];
  readonly waits: string[] = [];
  readonly #replies: Reply[];
  readonly #isConfirmed: boolean;

  constructor(replies: readonly Reply[] = [], isConfirmed = false) {
    this.#replies = [...replies];
    this.#isConfirmed = isConfirmed;
  }

  /** Questions that are still to be asked. */
  get left(): number {
    return this.#replies.length;
  }

  async select<T>(question: Question<T>): Promise<Answer<T>> {
    this.questions.push(question);
    let { choices } = question;
    await question.follow?.((more) => {
      choices = more;
    });
    this.asked.push({ message: question.message, lines: choices.map(lineOf) });
    const reply = this.#replies.shift();
    if (reply === undefined) throw new Error(`nobody answers: ${question.message}`);
    if (typeof reply !== 'string') return reply;
    const choice = choices.find((one) => lineOf(one).includes(reply));
    if (choice === undefined) throw new Error(`no "${reply}" in: ${question.message}`);
    return { kind: 'chosen', value: choice.value };
  }

  async confirm(message: string): Promise<boolean> {
    this.confirmations.push(message);
    return this.#isConfirmed;
  }

  async waitFor<T>(message: string, work: Promise<T>): Promise<Waited<T>> {
    this.waits.push(message);
    return { kind: 'done', value: await work };
  }
}

/** A choice as it stands on the screen. */
function lineOf({ label, detail = '', isDimmed }: Choice<unknown>): string {
  return `${isDimmed ? '(' : ''}${label}  ${detail}`.trimEnd() + (isDimmed ? ')' : '');
}
