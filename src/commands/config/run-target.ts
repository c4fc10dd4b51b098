import type { App } from '#commands/app.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import {
  describeSaved,
  readSavedTargets,
  SAVED_NAME,
  type SavedTarget,
  writeSavedTargets,
} from '#commands/saved-targets.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { suggestNames } from '#domain/resolve/suggestion.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import type { Reporter } from '#ui/reporter.ts';
import { renderTable } from '#ui/table.ts';

export interface SavedTargetOptions extends SharedOptions {
  readonly action: TargetAction;
}

export type TargetAction =
  | { readonly kind: 'add'; readonly name: string; readonly target: string }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'list' };

/** @returns 0 @throws EcshError `usage`, `target-invalid`, `config-invalid` */
export async function runTarget(
  app: App,
  reporter: Reporter,
  { action, ...options }: SavedTargetOptions,
): Promise<number> {
  const saved = await readSavedTargets(app);
  switch (action.kind) {
    case 'add': {
      const { name } = action;
      assertNameable(name);
      const target = savedTargetOf(action.target, options);
      await writeSavedTargets(app, new Map([...saved, [name, target]]));
      const place = describeSaved(target).replace(/ {2}/g, ' ');
      reporter.notice(`${name} is ${place} now. To open a shell:  ${ecshCommand(['shell', name])}`);
      return 0;
    }
    case 'remove': {
      const rest = new Map(saved);
      if (!rest.delete(action.name)) throw notSaved(action.name, [...saved.keys()]);
      await writeSavedTargets(app, rest);
      return 0;
    }
    case 'list': {
      if (options.json) writeJsonLine(app.stdout, Object.fromEntries(saved));
      else app.stdout.write(listed([...saved]));
      return 0;
    }
  }
}

/** Saves only flags, because the environment may change. */
function savedTargetOf(target: string, { given, container }: SharedOptions): SavedTarget {
  parseTarget(target);
  const place = { ...given, ...(container === undefined ? {} : { container }) };
  return { target, ...place };
}

function assertNameable(name: string): void {
  if (SAVED_NAME.test(name)) return;
  throw new EcshError('usage', `A target cannot be called "${name}".`, {
    hint: 'Begin with a letter or a digit, then letters, digits, "-", "_" and ".".',
  });
}

function notSaved(name: string, names: readonly string[]): EcshError {
  const [nearest] = suggestNames(name, names);
  return new EcshError('usage', `No target is saved as "${name}".`, {
    hint: nearest === undefined ? 'See:  ecsh config target list' : `Did you mean ${nearest}?`,
  });
}

function listed(saved: readonly (readonly [string, SavedTarget])[]): string {
  const columns = ['NAME', 'TARGET'].map((title, priority) => ({ title, priority }));
  const rows = saved.map(([name, target]) => [name, describeSaved(target)]);
  return renderTable({ columns, rows, hasTitles: false })
    .map((line) => `${line}\n`)
    .join('');
}
