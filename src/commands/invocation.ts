import type { Writable } from 'node:stream';
import type { Command } from 'commander';
import { EcshError } from '#domain/errors/errors.ts';
import { Reporter } from '#ui/reporter.ts';
import type { App } from './app.ts';
import { type ConfigFile, readConfig } from './config-file.ts';
import { describeFailure, writeJsonLine } from './json-output.ts';
import { fillIn } from './setting-sources.ts';
import { isOn } from './setting-values.ts';
import { endOfFlags, type SharedOptions, sharedOptionsOf } from './shared-options.ts';

/** Runs a command whose words are resolved into `options`. */
export type Run<Options> = (app: App, reporter: Reporter, options: Options) => Promise<number>;

/** One run of the program: what a command's action starts, and the reporter it was given. */
export class Invocation {
  readonly #app: App;
  #argv: readonly string[] = [];
  #shared: SharedOptions;
  #reporter: Reporter;
  #running: Promise<number> | undefined;
  #debugFile: Writable | undefined;

  constructor(app: App) {
    this.#app = app;
    this.#shared = { color: 'auto' };
    this.#reporter = this.#createReporter(this.#shared, undefined);
  }

  /** From now on `argv` are the words of this run. A usage error is reported as they ask for it. */
  begin(argv: readonly string[]): void {
    this.#argv = argv;
    const ours = argv.slice(0, endOfFlags(argv));
    const json = ours.includes('--json') || isOn(this.#app.env.ECSH_JSON ?? '');
    this.#shared = { json, color: 'auto' };
  }

  /** Speaks as the flags say, as soon as there are flags. */
  get reporter(): Reporter {
    return this.#reporter;
  }

  /** The flags of every command, as soon as there are flags. */
  get shared(): SharedOptions {
    return this.#shared;
  }

  /** The exit status of the command that was started; undefined when none was (`--help`). */
  get status(): Promise<number> | undefined {
    return this.#running;
  }

  /** Starts the command of the command line, with the defaults of the file. */
  start(
    command: Command,
    run: (app: App, reporter: Reporter, shared: SharedOptions) => Promise<number>,
    readDefaults: (app: App) => Promise<ConfigFile> = readConfig,
  ): void {
    this.#running = this.#start(command, run, readDefaults);
  }

  async #start(
    command: Command,
    run: (app: App, reporter: Reporter, shared: SharedOptions) => Promise<number>,
    readDefaults: (app: App) => Promise<ConfigFile>,
  ): Promise<number> {
    fillIn(command, this.#app.env, await readDefaults(this.#app));
    const shared = sharedOptionsOf(command);
    this.#shared = shared;
    this.#reporter = this.#createReporter(shared, await this.#openDebugStream(shared));
    this.#reporter.debug('start');
    return run(this.#app, this.#reporter, shared);
  }

  /** Reports an `EcshError`; with `--json` also on stdout, for scripts. */
  fail(error: EcshError): void {
    this.#reporter.failure(error);
    this.reportAsJson(error);
  }

  /** A bug in ecsh. */
  failWithBug(error: unknown): void {
    this.#reporter.bug(error);
    this.reportAsJson(new EcshError('bug', error instanceof Error ? error.message : String(error)));
  }

  /** For a failure that is on stderr already. */
  reportAsJson(error: EcshError): void {
    if (this.#shared.json) writeJsonLine(this.#app.stdout, { error: describeFailure(error) });
  }

  /** A command's words on both sides of `--`, which commander leaves out. */
  separate(words: readonly string[]) {
    const at = words.length - this.#argv.slice(endOfFlags(this.#argv) + 1).length;
    return { before: words.slice(0, at), after: words.slice(at) };
  }

  /** Settles when the debug log is on disk: the process ends right after. */
  async close(): Promise<void> {
    const file = this.#debugFile;
    if (file === undefined || file.closed) return;
    await new Promise<void>((resolve) => {
      file.once('close', resolve);
      file.end();
    });
  }

  async #openDebugStream({ debug }: SharedOptions): Promise<Writable | undefined> {
    if (typeof debug !== 'string') return debug ? this.#app.stderr : undefined;
    const file = await this.#app.appendTo(debug);
    file.on('error', (cause) => {
      const message = `Cannot write the debug log ${debug}: ${cause.message}.`;
      this.#reporter.failure(new EcshError('debug-file-unwritable', message, { cause }));
    });
    this.#debugFile = file;
    return file;
  }

  #createReporter(shared: SharedOptions, debugStream: Writable | undefined): Reporter {
    const { stderr, env, clock, startedAt } = this.#app;
    return new Reporter({
      stderr,
      env,
      color: shared.color,
      isQuiet: shared.quiet ?? false,
      isVerbose: shared.verbose ?? false,
      debugStream,
      now: () => clock.now(),
      startedAt,
    });
  }
}
