import { EcshError } from '#domain/errors/errors.ts';

/** The fields of a JSON object in a fleet file; errors name the field. */
export class Fields {
  readonly where: string;
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #known = new Set<string>();

  constructor(value: unknown, where: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw fleetError(where, 'must be an object');
    }
    this.where = where;
    this.#fields = new Map(Object.entries(value));
  }

  raw(name: string): unknown {
    this.#known.add(name);
    return this.#fields.get(name) ?? undefined;
  }

  text(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'string') return value;
    throw fleetError(`${this.where}.${name}`, 'must be a text');
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw fleetError(this.where, `needs a "${name}"`);
    return value;
  }

  number(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined || (typeof value === 'number' && value >= 0)) return value;
    throw fleetError(`${this.where}.${name}`, 'must be a number, 0 or more');
  }

  flag(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw fleetError(`${this.where}.${name}`, 'must be true or false');
  }

  object(name: string): Fields | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : new Fields(value, `${this.where}.${name}`);
  }

  /** Returns an empty list if the field is missing. */
  list<T>(name: string, parse: (fields: Fields, index: number) => T): T[] {
    const value = this.raw(name) ?? [];
    if (!Array.isArray(value)) throw fleetError(`${this.where}.${name}`, 'must be a list');
    return value.map((item: unknown, index) =>
      parse(new Fields(item, `${this.where}.${name}[${index}]`), index),
    );
  }

  /** Returns an empty list if the field is missing. */
  textList(name: string): string[] {
    const value = this.raw(name) ?? [];
    const isText = (item: unknown) => typeof item === 'string';
    if (Array.isArray(value) && value.every(isText)) return value;
    throw fleetError(`${this.where}.${name}`, 'must be a list of texts');
  }

  texts(name: string): Record<string, string> {
    const fields = this.object(name);
    const texts: Record<string, string> = {};
    if (fields === undefined) return texts;
    for (const key of fields.#fields.keys()) texts[key] = fields.text(key) ?? '';
    return texts;
  }

  all(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#fields);
  }

  /** Rejects fields that were never read. @throws EcshError `fleet-invalid` */
  finish(): void {
    const unknown = [...this.#fields.keys()].find((name) => !this.#known.has(name));
    if (unknown === undefined) return;
    throw fleetError(this.where, `has no field "${unknown}"`, [...this.#known].join(', '));
  }
}

/** Reports an error at `where` in the fleet file. */
export function fleetError(where: string, problem: string, fields?: string): EcshError {
  return new EcshError('fleet-invalid', `Fleet file: ${where} ${problem}.`, {
    exitCode: 2,
    ...(fields === undefined ? {} : { hint: `Fields it may have: ${fields}.` }),
  });
}
