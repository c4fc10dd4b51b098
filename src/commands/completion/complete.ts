import type { Command } from 'commander';
import type { App } from '#commands/app.ts';
import { LS_KINDS } from '#commands/ls/ls-options.ts';
import { REGIONS } from '#commands/regions.ts';
import { describeSaved, readSavedTargets } from '#commands/saved-targets.ts';
import { FILE_KEYS, fileSetting } from '#commands/settings.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { parseSide } from '#copy/copy-sides.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import { plainText } from '#ui/plain-text.ts';
import type { Reporter } from '#ui/reporter.ts';
import { CompletionCache } from './completion-cache.ts';
import {
  clusterNames,
  containerNames,
  type Look,
  placeKey,
  serviceNames,
  targetCandidates,
} from './names.ts';
import {
  type Candidate,
  type CandidateSource,
  commandCandidates,
  type Position,
  positionIn,
} from './position.ts';
import { profileNames } from './profiles.ts';

export interface CompleteOptions extends SharedOptions {
  /** The words after `ecsh`, up to the cursor; the last one is being typed. */
  readonly words: readonly string[];
  /** Only update the cache, however long that takes. */
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

async function candidatesAt(position: Position, outside: Outside): Promise<readonly Candidate[]> {
  const found = position.sources.map((source) => candidatesOf(source, position, outside));
  return (await Promise.all(found)).flat();
}

async function candidatesOf(
  source: CandidateSource,
  position: Position,
  outside: Outside,
): Promise<readonly Candidate[]> {
  const { typed, target } = position;
  if (source.kind === 'words') return source.candidates;
  const { app, shared, look } = outside;
  switch (source.name) {
    case 'target':
      return [
        ...(await savedCandidates(app, typed)),
        ...(await targetCandidates(look, typed, shared.cluster)),
      ];
    case 'service':
      // Nothing follows a service, so bash has to add a space: it does so for plain candidates only.
      return plain((await targetCandidates(look, typed, shared.cluster)).map(({ value }) => value));
    case 'path':
      return sideCandidates(look, typed, shared.cluster);
    case 'what':
      return [...plain(LS_KINDS), ...(await targetCandidates(look, typed, undefined))];
    case 'place':
    case 'session':
      return targetCandidates(look, typed, undefined);
    case 'cluster':
    case '--cluster':
      return plain(await clusterNames(look));
    case '--service':
      return shared.cluster === undefined ? [] : plain(await serviceNames(look, shared.cluster));
    case '--container':
      return target === undefined ? [] : plain(await containerNames(look, target, shared.cluster));
    case '--profile':
      return plain(await profileNames(app));
    case '--region':
      return plain(REGIONS);
    case 'name':
      return (await import('#domain/policy/policies.ts')).POLICIES.map(({ name, summary }) => ({
        value: name,
        description: summary,
      }));
    case 'topic':
      return topicCandidates(outside.program, target);
    case 'key':
      return plain(FILE_KEYS);
    case 'value':
      return settingCandidates(target ?? '', position, outside);
    default:
      return [];
  }
}

async function savedCandidates(app: App, typed: string): Promise<readonly Candidate[]> {
  if (/[/@:]/.test(typed)) return [];
  const saved = await readSavedTargets(app);
  return [...saved].map(([value, target]) => ({ value, description: describeSaved(target) }));
}

/** Targets with a colon, if the word may be the beginning of one. */
async function sideCandidates(look: Look, typed: string, cluster: string | undefined) {
  const isPath = /^[./~]/.test(typed) || parseSide(typed).kind === 'remote';
  // The colon of `service:` does not end a target.
  if (isPath && !/(^|\/)(service|task|family):[\w-]*$/.test(typed)) return [];
  const candidates = await targetCandidates(look, typed, cluster);
  return candidates.map(({ value, description }) => ({
    value: value.endsWith('/') ? value : `${value}:`,
    description,
  }));
}

/** Arguments of `ecsh help` and `ecsh help COMMAND`. */
async function topicCandidates(
  program: Command,
  command: string | undefined,
): Promise<readonly Candidate[]> {
  const parent = program.commands.find((each) => each.name() === command);
  const commands = commandCandidates(parent ?? program);
  if (command !== undefined) return parent === undefined ? [] : commands;
  const { TOPICS } = await import('#commands/help/topics.ts');
  return [...commands, ...TOPICS.map(({ name, title }) => ({ value: name, description: title }))];
}

/** Values of `ecsh config set KEY`: those of the flag of that name. */
async function settingCandidates(
  key: string,
  position: Position,
  outside: Outside,
): Promise<readonly Candidate[]> {
  const values = fileSetting(key)?.values;
  if (values?.choices !== undefined) return plain(values.choices);
  if (values?.isSwitch) return plain(['true', 'false']);
  return candidatesOf(
    { kind: 'argument', name: `--${key}` },
    { ...position, target: undefined },
    outside,
  );
}

function plain(names: readonly string[]): readonly Candidate[] {
  return names.map((value) => ({ value, description: '' }));
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
class Outside {
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
