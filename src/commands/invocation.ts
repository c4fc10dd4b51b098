import type { Command } from 'commander';
import { Reporter } from '../ui/reporter.ts';
import type { App } from './app.ts';
import { type SharedOptions, withEnvironment } from './shared-options.ts';

/** One run of the program: what a command's action starts, and the reporter it was given. */
export class Invocation {
  readonly #app: App;
  #reporter: Reporter;
  #running: Promise<number> | undefined;

  constructor(app: App) {
    this.#app = app;
    this.#reporter = this.#createReporter(withEnvironment({ color: 'auto' }, app.env));
  }

  /** Speaks as the flags say, as soon as there are flags. */
  get reporter(): Reporter {
    return this.#reporter;
  }

  /** The exit status of the command that was started; undefined when none was (`--help`). */
  get status(): Promise<number> | undefined {
    return this.#running;
  }

  start(
    command: Command,
    run: (app: App, reporter: Reporter, shared: SharedOptions) => Promise<number>,
  ): void {
    const shared = withEnvironment(command.optsWithGlobals<SharedOptions>(), this.#app.env);
    this.#reporter = this.#createReporter(shared);
    this.#running = run(this.#app, this.#reporter, shared);
  }

  #createReporter(shared: SharedOptions): Reporter {
    const { stderr, env, clock } = this.#app;
    return new Reporter({
      stderr,
      env,
      color: shared.color,
      isQuiet: shared.quiet ?? false,
      isVerbose: shared.verbose ?? false,
      debugStream:
        typeof shared.debug === 'string'
          ? this.#app.appendTo(shared.debug)
          : shared.debug
            ? stderr
            : undefined,
      now: () => clock.now(),
    });
  }
}
