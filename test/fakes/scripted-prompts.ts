import type {
  Answer,
  CancelledAnswer,
  Choice,
  Prompts,
  Question,
  Waited,
} from '#domain/ports/prompt-ports.ts';

/** A user's reply to a question: the text of a line to choose, or another action. */
export type Reply =
  | string
  | { readonly kind: 'back' }
  /** `line`: the choice that the action is about. */
  | { readonly kind: 'shortcut'; readonly key: string; readonly line?: string }
  | CancelledAnswer;

/** Answers in order, and records the questions; an additional question fails. */
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

  /** Questions that are still expected. */
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
    if (reply === undefined) throw new Error(`no answer to: ${question.message}`);
    const find = (text: string) => {
      const choice = choices.find((one) => lineOf(one).includes(text));
      if (choice === undefined) throw new Error(`no "${text}" in: ${question.message}`);
      return choice.value;
    };
    if (typeof reply === 'string') return { kind: 'chosen', value: find(reply) };
    if (reply.kind !== 'shortcut' || reply.line === undefined) return reply;
    return { kind: 'shortcut', key: reply.key, value: find(reply.line) };
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

/** For an app: a user who answers one question with yes or no; undefined: no user can answer. */
export function confirming(answer: boolean | CancelledAnswer | undefined): { prompts?: Prompts } {
  if (answer === undefined) return {};
  return { prompts: { select: notAsked, waitFor: notAsked, confirm: async () => answer } };
}

function notAsked(): Promise<never> {
  return Promise.reject(new Error('not asked'));
}

/** A choice as it appears on the screen. */
function lineOf({ label, detail = '', isDimmed }: Choice<unknown>): string {
  return `${isDimmed ? '(' : ''}${label}  ${detail}`.trimEnd() + (isDimmed ? ')' : '');
}
