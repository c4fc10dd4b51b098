/** The parameters of a query protocol call, such as `Filter.1.Value.2=…`. */
export class QueryInput {
  readonly #parameters: URLSearchParams;

  constructor(parameters: URLSearchParams) {
    this.#parameters = parameters;
  }

  text(name: string): string | undefined {
    return this.#parameters.get(name) ?? undefined;
  }

  /** Returns `NAME.1`, `NAME.2` … until one is missing; IAM uses `NAME.member.1`. */
  texts(name: string): readonly string[] {
    const texts: string[] = [];
    for (let index = 1; ; index += 1) {
      const text = this.text(`${name}.${index}`) ?? this.text(`${name}.member.${index}`);
      if (text === undefined) return texts;
      texts.push(text);
    }
  }

  /** Prefixes of the structures in a list, for use with `text` and `texts`. */
  places(name: string): readonly string[] {
    const numbers = [...this.#parameters.keys()].flatMap((key) => {
      const match = key.startsWith(`${name}.`)
        ? /^(?:member\.)?(\d+)\./.exec(key.slice(name.length + 1))
        : null;
      return match === null ? [] : [`${name}.${match[0].slice(0, -1)}`];
    });
    return [...new Set(numbers)];
  }
}

export type QueryOperation = (input: QueryInput) => object;
