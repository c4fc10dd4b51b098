import type { Command } from 'commander';
import type { App } from '#commands/app.ts';
import { LS_KINDS } from '#commands/ls/ls-options.ts';
import { REGIONS } from '#commands/regions.ts';
import { describeSaved, readSavedTargets } from '#commands/saved-targets.ts';
import { FILE_KEYS, fileSetting } from '#commands/settings.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { parseSide } from '#copy/copy-sides.ts';
import {
  clusterNames,
  containerNames,
  type Look,
  serviceNames,
  targetCandidates,
} from './names.ts';
import {
  type Candidate,
  type CandidateSource,
  commandCandidates,
  type Position,
} from './position.ts';
import { profileNames } from './profiles.ts';

/** Everything that the lookup of candidates needs. */
export interface CandidateWorld {
  readonly app: App;
  /** Shared options, including the flags before the cursor. */
  readonly shared: SharedOptions;
  readonly look: Look;
  readonly program: Command;
}

/** Returns everything that can be typed at the cursor. */
export async function candidatesAt(
  position: Position,
  world: CandidateWorld,
): Promise<readonly Candidate[]> {
  const found = position.sources.map((source) => candidatesOf(source, position, world));
  return (await Promise.all(found)).flat();
}

async function candidatesOf(
  source: CandidateSource,
  position: Position,
  world: CandidateWorld,
): Promise<readonly Candidate[]> {
  if (source.kind === 'words') return source.candidates;
  const { name } = source;
  return name.startsWith('--')
    ? flagCandidates(name, position, world)
    : argumentCandidates(name, position, world);
}

async function argumentCandidates(
  name: string,
  position: Position,
  world: CandidateWorld,
): Promise<readonly Candidate[]> {
  const { typed, target } = position;
  const { app, shared, look, program } = world;
  switch (name) {
    case 'target':
      return [
        ...(await savedCandidates(app, typed)),
        ...(await targetCandidates(look, typed, shared.cluster)),
      ];
    case 'service':
      // The argument takes no @CONTAINER, so bash must add a space. It adds none to a candidate described as a service.
      return plain((await targetCandidates(look, typed, shared.cluster)).map(({ value }) => value));
    case 'path':
      return sideCandidates(look, typed, shared.cluster);
    case 'what':
      return [...plain(LS_KINDS), ...(await targetCandidates(look, typed, undefined))];
    case 'place':
    case 'session':
      return targetCandidates(look, typed, undefined);
    case 'cluster':
      return plain(await clusterNames(look));
    case 'name':
      return policyCandidates();
    case 'topic':
      return topicCandidates(program, target);
    case 'key':
      return plain(FILE_KEYS);
    case 'value':
      return settingCandidates(target ?? '', position, world);
    default:
      return [];
  }
}

async function flagCandidates(
  flag: string,
  { target }: Position,
  { app, shared, look }: CandidateWorld,
): Promise<readonly Candidate[]> {
  switch (flag) {
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
    default:
      return [];
  }
}

async function savedCandidates(app: App, typed: string): Promise<readonly Candidate[]> {
  if (/[/@:]/.test(typed)) return [];
  const saved = await readSavedTargets(app);
  return [...saved].map(([value, target]) => ({ value, description: describeSaved(target) }));
}

/** Completes one side of `cp`: targets, each with the colon before the path, unless the word is a path. */
async function sideCandidates(look: Look, typed: string, cluster: string | undefined) {
  const isPath = /^[./~]/.test(typed) || parseSide(typed).kind === 'remote';
  // The colon of `service:` is part of the target.
  if (isPath && !/(^|\/)(service|task|family):[\w-]*$/.test(typed)) return [];
  const candidates = await targetCandidates(look, typed, cluster);
  return candidates.map(({ value, description }) => ({
    value: value.endsWith('/') ? value : `${value}:`,
    description,
  }));
}

async function policyCandidates(): Promise<readonly Candidate[]> {
  const { POLICIES } = await import('#domain/policy/policies.ts');
  return POLICIES.map(({ name, summary }) => ({ value: name, description: summary }));
}

/** Completes `ecsh help` and `ecsh help COMMAND`. */
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

/** Completes `ecsh config set KEY` with the values of the flag `--KEY`. */
async function settingCandidates(
  key: string,
  position: Position,
  world: CandidateWorld,
): Promise<readonly Candidate[]> {
  const values = fileSetting(key)?.values;
  if (values?.choices !== undefined) return plain(values.choices);
  if (values?.isSwitch) return plain(['true', 'false']);
  return flagCandidates(`--${key}`, { ...position, target: undefined }, world);
}

function plain(names: readonly string[]): readonly Candidate[] {
  return names.map((value) => ({ value, description: '' }));
}
