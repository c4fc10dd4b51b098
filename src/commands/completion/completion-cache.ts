import type { App } from '#commands/app.ts';
import { cachePath, fileIn } from '#commands/paths.ts';

/** How long names count as current, and how long old names are better than none; milliseconds. */
const FRESH_MS = 30_000;
const KEPT_MS = 60 * 60_000;

interface Entry {
  /** The time of the request, in milliseconds since the epoch. */
  readonly at: number;
  readonly names: readonly string[];
}

type Entries = Readonly<Record<string, Entry>>;

/** Recent answers of AWS: a Tab is pressed several times in a row. */
export class CompletionCache {
  readonly #app: App;
  readonly #path: string | undefined;

  constructor(app: App) {
    this.#app = app;
    const folder = cachePath(app.env);
    this.#path = folder === undefined ? undefined : fileIn(folder, 'completion.json');
  }

  async fresh(key: string): Promise<readonly string[] | undefined> {
    return this.#youngerThan(FRESH_MS, key);
  }

  async kept(key: string): Promise<readonly string[] | undefined> {
    return this.#youngerThan(KEPT_MS, key);
  }

  async keep(key: string, names: readonly string[]): Promise<void> {
    if (this.#path === undefined) return;
    const now = this.#app.clock.now();
    const others = Object.entries(await this.#read()).filter(([, { at }]) => now - at < KEPT_MS);
    const entries = { ...Object.fromEntries(others), [key]: { at: now, names } };
    await this.#app.files.write(this.#path, JSON.stringify(entries));
  }

  async #youngerThan(limit: number, key: string): Promise<readonly string[] | undefined> {
    const entry = (await this.#read())[key];
    if (entry === undefined || this.#app.clock.now() - entry.at >= limit) return undefined;
    return entry.names;
  }

  /** A file that cannot be read counts as empty. */
  async #read(): Promise<Entries> {
    if (this.#path === undefined) return {};
    try {
      const text = await this.#app.files.read(this.#path);
      const entries: unknown = text === undefined ? {} : JSON.parse(text);
      return isEntries(entries) ? entries : {};
    } catch {
      return {};
    }
  }
}

function isEntries(value: unknown): value is Entries {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every(({ at, names }) => typeof at === 'number' && Array.isArray(names))
  );
}
