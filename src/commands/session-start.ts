import { EcshError } from '../domain/errors.ts';
import type { ReadyTarget } from '../domain/readiness.ts';
import { isWindows } from '../domain/selection.ts';
import { findReadyTarget, type Patience } from '../session/ready-target.ts';
import type { SessionPorts } from '../session/remote-session.ts';
import type { Reporter } from '../ui/reporter.ts';
import type { App } from './app.ts';
import { awsPorts, type SharedOptions, targetRequest } from './shared-options.ts';

/** What `shell` and `exec` need before they differ. */
export interface SessionStart {
  readonly target: ReadyTarget;
  readonly ports: SessionPorts & Pick<App, 'signals'>;
  readonly patience: Patience;
  readonly onNotice: (text: string) => void;
  readonly onDebug: (text: string) => void;
}

/** Finds the target and says what was chosen. */
export async function prepareSession(
  app: App,
  reporter: Reporter,
  options: SharedOptions & { readonly target: string; readonly wait: number },
): Promise<SessionStart> {
  const aws = awsPorts(app, options, options.target);
  const { clock, signals } = app;
  const patience: Patience = {
    clock,
    waitMs: options.wait,
    onWait: (error) => reporter.notice(`Waiting: ${error.message}`),
  };
  const request = targetRequest(options, options.target);
  const target = await findReadyTarget(await aws.ecs(), request, patience);
  for (const notice of target.notices) reporter.notice(notice);
  return {
    target,
    ports: { ...aws, clock, signals },
    patience,
    onNotice: (text) => reporter.notice(text),
    onDebug: (text) => reporter.detail(text),
  };
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
