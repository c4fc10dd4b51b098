import type { Command } from 'commander';
import type { App } from '#commands/app.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { parseSide } from '#copy/copy-sides.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import { plainText } from '#ui/plain-text.ts';
import type { Reporter } from '#ui/reporter.ts';
import { type CandidateWorld, candidatesAt } from './candidates.ts';
import { CompletionCache } from './completion-cache.ts';
import { type Look, placeKey } from './names.ts';
import { type Candidate, type Position, positionIn } from './position.ts';

export interface CompleteOptions extends SharedOptions {
  /** The words after `ecsh`, up to the cursor; the last one is being typed. */
  readonly words: readonly string[];
  /** Only update the cache, without a time limit. */
  readonly refresh?: true | undefined;
  readonly program: Command;
}

/** How long a Tab may wait for AWS (ms). With the start of Node, it is answered within 300 ms. */
const PATIENCE_MS = 200;
const REFRESH_PATIENCE_MS = 10_000;

/** A last line that asks the shell to complete paths itself. */
const FILES = ':files\n';

/**
 * Prints the candidates at the cursor. It runs at every Tab, so it reports no errors and waits only
 * briefly for AWS. After that it prints names from the cache, and a background process updates it.
 *
 * @returns 0
 */
export async function runComplete(
  app: App,
  reporter: Reporter,
  options: CompleteOptions,
): Promise<number> {
  try {
    const position = positionIn(options.program, options.words);
    const outside = new Outside(app, { ...options, ...position.flags }, options);
    const candidates = await candidatesAt(position, outside);
    if (options.refresh) return 0;
    app.stdout.write(linesOf(position, candidates) + (takesFiles(position) ? FILES : ''));
  } catch (error) {
    reporter.debug(`completion: ${error instanceof Error ? error.message : error}`);
  }
  return 0;
}

/** In `cp`, a word without a colon may be a file. After the colon is a path in the container. */
function takesFiles({ sources, typed }: Position): boolean {
  const isLocal = parseSide(typed).kind === 'local';
  return sources.some(
    (source) =>
      source.kind === 'argument' && (source.name === 'file' || (source.name === 'path' && isLocal)),
  );
}

/** Characters that no AWS name contains: a shell could execute them, or a terminal obey them. */
const UNUSUAL = /[^\w.,:;/@%+=~#-]/;

function linesOf({ typed, prefix }: Position, candidates: readonly Candidate[]): string {
  return candidates
    .filter(({ value }) => value.startsWith(typed) && !UNUSUAL.test(value))
    .map(({ value, description }) => `${prefix}${value}\t${plainText(description)}\n`)
    .join('');
}

/** Names from AWS, or from the cache once the time is up. */
class Outside implements CandidateWorld {
  readonly app: App;
  readonly shared: SharedOptions;
  readonly program: Command;
  readonly #options: CompleteOptions;
  readonly #cache: CompletionCache;
  readonly #deadline: number;
  #ecs: Promise<EcsApi> | undefined;
  #isRefreshing = false;

  constructor(app: App, shared: SharedOptions, options: CompleteOptions) {
    this.app = app;
    this.shared = shared;
    this.program = options.program;
    this.#options = options;
    this.#cache = new CompletionCache(app);
    const patience = options.refresh ? REFRESH_PATIENCE_MS : PATIENCE_MS;
    this.#deadline = app.clock.now() + patience;
  }

  readonly look: Look = async (name, ask) => {
    const key = `${placeKey(this.shared, this.app.env)} ${name}`;
    const fresh = this.#options.refresh ? undefined : await this.#cache.fresh(key);
    if (fresh !== undefined) return fresh;
    const asked = this.#ask(key, ask).catch(() => undefined);
    const names = await Promise.race([asked, this.#timeUp()]);
    if (names === 'time is up') await this.#refreshLater();
    else if (names !== undefined) return names;
    return (await this.#cache.kept(key)) ?? [];
  };

  async #ask(key: string, ask: Parameters<Look>[1]): Promise<readonly string[]> {
    const { region, profile, endpointUrl } = this.shared;
    this.#ecs ??= this.app.aws({ region, profile, endpointUrl, noInput: true }).ecs();
    const names = await ask(await this.#ecs);
    await this.#cache.keep(key, names);
    return names;
  }

  #timeUp(): Promise<'time is up'> {
    const { clock } = this.app;
    return new Promise((resolve) => {
      clock.after(Math.max(0, this.#deadline - clock.now()), () => resolve('time is up'));
    });
  }

  /** This process ends now; another one waits for the answer. */
  async #refreshLater(): Promise<void> {
    if (this.#options.refresh || this.#isRefreshing) return;
    this.#isRefreshing = true;
    await this.app.runInBackground(['__complete', '--refresh', '--', ...this.#options.words]);
  }
}
