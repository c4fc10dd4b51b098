import { EcshError } from '../domain/errors.ts';
import type { ReadyTarget } from '../domain/readiness.ts';
import { isWindows } from '../domain/selection.ts';
import { findReadyTarget, type Patience } from '../session/ready-target.ts';
import type { SessionPorts } from '../session/remote-session.ts';
import type { Reporter } from '../ui/reporter.ts';
import type { App, AwsPorts } from './app.ts';
import { awsPorts, type SharedOptions, targetRequest } from './shared-options.ts';

/** What `shell` and `exec` need before they differ. */
export interface SessionStart {
  readonly aws: AwsPorts;
  readonly ports: SessionPorts & Pick<App, 'signals'>;
  readonly patience: Patience;
  readonly onNotice: (text: string) => void;
  readonly onDebug: (text: string) => void;
}

export interface PatienceOptions {
  /** Milliseconds. */
  readonly wait: number;
  readonly retries: number;
}

export function startSession(
  app: App,
  reporter: Reporter,
  options: SharedOptions & PatienceOptions & { readonly target: string },
): SessionStart {
  const aws = awsPorts(app, options, options.target);
  const { clock, signals } = app;
  return {
    aws,
    ports: { ...aws, clock, signals },
    patience: {
      clock,
      waitMs: options.wait,
      retries: options.retries,
      onWait: (error) => reporter.notice(`Waiting: ${error.message}`),
    },
    onNotice: (text) => reporter.notice(text),
    onDebug: (text) => reporter.detail(text),
  };
}

/** Finds the one target and says what was chosen. */
export async function readyTarget(
  { aws, patience, onNotice }: SessionStart,
  options: SharedOptions & { readonly target: string },
): Promise<ReadyTarget> {
  const request = targetRequest(options, options.target);
  const target = await findReadyTarget(await aws.ecs(), request, patience);
  for (const notice of target.notices) onNotice(notice);
  return target;
}

/** PROTOCOL 8.10: neither streams nor a status survive the Windows console. */
export function assertLinux(target: ReadyTarget): void {
  if (!isWindows(target.task)) return;
  throw new EcshError(
    'windows-needs-terminal',
    'A Windows container can only be used on a terminal.',
    { hint: 'Open a shell:  ecsh shell TARGET' },
  );
}

export function terminalMissing(what: string): EcshError {
  return new EcshError('not-a-terminal', `${what} needs a terminal as stdin and stdout.`, {
    hint: 'Without one, run a command:  ecsh exec TARGET -- COMMAND',
  });
}
