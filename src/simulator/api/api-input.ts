import { ApiError, invalidParameter } from './api-error.ts';

/** The JSON body of an API request, or an object in it. A field with an unexpected type is rejected, as in AWS. */
export class ApiInput {
  readonly #fields: ReadonlyMap<string, unknown>;

  /** @throws ApiError `SerializationException` for anything except a JSON object */
  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ApiError('SerializationException', '');
    }
    this.#fields = new Map(Object.entries(value));
  }

  /** @throws ApiError `SerializationException` for anything except a JSON object */
  static parse(body: string): ApiInput {
    try {
      return new ApiInput(JSON.parse(body === '' ? '{}' : body));
    } catch {
      throw new ApiError('SerializationException', '');
    }
  }

  get names(): readonly string[] {
    return [...this.#fields.keys()];
  }

  /** Whether the field is present and not null. */
  has(name: string): boolean {
    return (this.#fields.get(name) ?? undefined) !== undefined;
  }

  object(name: string): ApiInput | undefined {
    return this.has(name) ? new ApiInput(this.#fields.get(name)) : undefined;
  }

  all(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#fields);
  }

  text(name: string): string | undefined {
    const value = this.#fields.get(name) ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw new ApiError('SerializationException', `${name} must be a string`);
  }

  number(name: string): number | undefined {
    const value = this.#fields.get(name) ?? undefined;
    if (value === undefined || typeof value === 'number') return value;
    throw new ApiError('SerializationException', `${name} must be a number`);
  }

  flag(name: string): boolean {
    return this.#fields.get(name) === true;
  }

  texts(name: string): string[] {
    const value = this.#fields.get(name) ?? [];
    if (!Array.isArray(value)) throw new ApiError('SerializationException', `${name} is no list`);
    return value.filter((item: unknown) => typeof item === 'string');
  }

  /** A list of structures. */
  objects(name: string): Record<string, unknown>[] {
    const value = this.#fields.get(name) ?? [];
    if (!Array.isArray(value)) throw new ApiError('SerializationException', `${name} is no list`);
    return value.map((item: unknown) => Object.fromEntries(Object.entries(Object(item))));
  }

  /** Returns the string values of a map, and ignores other values. */
  textMap(name: string): Record<string, string> {
    const value = this.#fields.get(name);
    const texts: Record<string, string> = {};
    if (typeof value !== 'object' || value === null) return texts;
    for (const [key, text] of Object.entries(value)) {
      if (typeof text === 'string') texts[key] = text;
    }
    return texts;
  }
}

export interface PageLimits {
  readonly usual: number;
  readonly most: number;
}

/** One page of `items` under `key`, and a `nextToken` if there are more. */
export function pageOf<T>(
  items: readonly T[],
  input: ApiInput,
  key: string,
  limits: PageLimits,
): object {
  const size = input.number('maxResults') ?? limits.usual;
  if (size < 1 || size > limits.most) {
    throw invalidParameter(`maxResults must be between 1 and ${limits.most}.`);
  }
  const token = input.text('nextToken');
  const start = token === undefined ? 0 : readToken(token, key);
  const end = start + size;
  return {
    [key]: items.slice(start, end),
    ...(end < items.length ? { nextToken: makeToken(end, key) } : {}),
  };
}

function makeToken(start: number, key: string): string {
  return Buffer.from(`${key}:${start}`).toString('base64');
}

function readToken(token: string, key: string): number {
  const match = /^(\w+):(\d+)$/.exec(Buffer.from(token, 'base64').toString());
  if (match === null || match[1] !== key) throw invalidParameter('Invalid token in the request.');
  return Number(match[2]);
}
