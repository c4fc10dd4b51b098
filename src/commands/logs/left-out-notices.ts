import type { FoundLogs } from '#logs/log-sources.ts';
import type { Reporter } from '#ui/reporter.ts';

/** Reports once of each container that CloudWatch Logs has no log of it; one that starts later, when it has started. */
export class LeftOutNotices {
  readonly #reporter: Reporter;
  readonly #reported = new Set<string>();

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  /** @returns what it was given */
  of(found: FoundLogs): FoundLogs {
    for (const [name, reason] of new Map(
      found.unreadable.map(({ container, reason }) => [container, reason]),
    )) {
      if (this.#reported.has(name)) continue;
      this.#reported.add(name);
      this.#reporter.notice(`Container ${name} is left out: ${reason}.`);
    }
    return found;
  }
}
