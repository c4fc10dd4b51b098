import type { App } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { Cancelled } from '#commands/cancelled.ts';
import { profileNames } from '#commands/completion/profiles.ts';
import { REGIONS } from '#commands/regions.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { awsPorts } from '#commands/target-request.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { Prompts, Shortcut } from '#domain/ports/prompt-ports.ts';
import { once } from '#once.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { PickPorts } from './pick-inventory.ts';

/** An account and region to choose in. */
export interface PickWorld {
  readonly prompts: Prompts;
  readonly open: () => Promise<Omit<PickPorts, 'flags'>>;
  readonly flags: PickPorts['flags'];
  readonly now: () => number;
  /** Reports why the choice is of no use; the same question follows. */
  readonly onFailure: (error: EcshError) => void;
  /** Keys that lead to another account or region. */
  readonly exits: readonly PickExit[];
}

export interface PickExit extends Shortcut {
  /**
   * Asks where to look instead; undefined: stay.
   *
   * @throws Cancelled, EcshError `usage` if there is nothing to choose from
   */
  readonly leave: () => Promise<PickWorld | undefined>;
}

export interface PickContext {
  readonly prompts: Prompts;
  readonly reporter: Reporter;
  /** They name the account and the region. */
  readonly options: SharedOptions & { readonly target?: string | undefined };
}

/** The account and region of the options, with the keys that lead to others. */
export function pickWorld(app: App, context: PickContext): PickWorld {
  const { prompts, reporter, options } = context;
  const elsewhere = (place: Pick<SharedOptions, 'profile' | 'region'>) =>
    pickWorld(app, { ...context, options: { ...options, ...place, target: undefined } });
  return {
    prompts,
    open: once(async () => {
      const aws = awsPorts(app, options, options.target, traceAws(reporter));
      const [ecs, inventory] = await Promise.all([aws.ecs(), aws.inventory()]);
      return { ecs, inventory };
    }),
    flags: awsFlags(options),
    now: () => app.clock.now(),
    onFailure: (error) => reporter.failure(error),
    exits: [
      {
        key: 'r',
        label: 'region',
        leave: async () => {
          const region = await chooseName(prompts, 'Region', REGIONS);
          return region === undefined ? undefined : elsewhere({ region });
        },
      },
      {
        key: 'o',
        label: 'profile',
        leave: async () => {
          const profiles = await profileNames(app);
          if (profiles.length === 0) throw noProfiles();
          const profile = await chooseName(prompts, 'Profile', profiles);
          return profile === undefined ? undefined : elsewhere({ profile });
        },
      },
    ],
  };
}

/** Undefined: the user goes back. */
async function chooseName(
  prompts: Prompts,
  message: string,
  names: readonly string[],
): Promise<string | undefined> {
  const choices = names.map((name) => ({ value: name, label: name }));
  const answer = await prompts.select({ message, choices, canGoBack: true });
  if (answer.kind === 'cancelled') throw new Cancelled(answer.by);
  return answer.kind === 'chosen' ? answer.value : undefined;
}

function noProfiles(): EcshError {
  return new EcshError('usage', 'There are no profiles in ~/.aws.', {
    hint: 'Create one:  aws configure sso',
  });
}
