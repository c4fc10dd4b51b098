import type { App } from '#commands/app.ts';
import { withDiagnosis } from '#commands/likely-cause.ts';
import { withTarget } from '#commands/picked-target.ts';
import { SessionProtection } from '#commands/protection.ts';
import {
  causeSearch,
  type LinkContext,
  linkContext,
  readyTarget,
} from '#commands/session-context.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { runForward } from '#forward/forward.ts';
import type { ForwardOptions } from '#forward/forward-options.ts';
import { runStdio } from '#forward/stdio.ts';
import type { Reporter } from '#ui/reporter.ts';
import { type ForwardCommandOptions, type ForwardPlan, planForward } from './forward-plan.ts';
import { portVariables, reportForwards } from './forward-report.ts';
import { tunnelFactory } from './tunnel-factory.ts';

/** @returns the exit status of the local command, or 128 + n for the signal that ended it */
export async function runForwardCommand(
  app: App,
  reporter: Reporter,
  given: ForwardCommandOptions,
): Promise<number> {
  const plan = planForward(given);
  for (const address of plan.openAddresses) {
    reporter.notice(`Other machines that can reach ${address} of this one can connect too.`);
  }
  const options = await withTarget(app, reporter, { ...given, target: plan.target });
  const context = linkContext(app, reporter, options);
  const protection = new SessionProtection(context, options);
  try {
    const target = await protection.hold(await readyTarget(context, options));
    return await runByEitherWay(app, reporter, { plan, options, context, target });
  } finally {
    await protection.release();
  }
}

async function runByEitherWay(
  app: App,
  reporter: Reporter,
  { plan, options, context, target }: Omit<ForwardAttempt, 'usesTunnel'>,
): Promise<number> {
  const engine = (usesTunnel: boolean) =>
    runOnce(app, reporter, { plan, options, context, target, usesTunnel });
  return withDiagnosis(causeSearch(context, options, target), async () => {
    if (options.via === 'exec') return engine(true);
    try {
      return await engine(false);
    } catch (error) {
      if (options.via === 'ssm' || !isPortSessionDenied(error)) throw error;
      reporter.notice('You may not start sessions of Session Manager: using ecs:ExecuteCommand.');
      return engine(true);
    }
  });
}

/** As AWS's guide for ECS Exec advises. */
function isPortSessionDenied(error: unknown): boolean {
  return error instanceof EcshError && error.deniedAction === 'ssm:StartSession';
}

interface ForwardAttempt {
  readonly plan: ForwardPlan;
  readonly options: ForwardCommandOptions & { readonly target: string };
  readonly context: LinkContext;
  readonly target: ReadyTarget;
  /** Ports go over ecs:ExecuteCommand too, not only proxies. */
  readonly usesTunnel: boolean;
}

async function runOnce(app: App, reporter: Reporter, attempt: ForwardAttempt): Promise<number> {
  const { plan, options, context, target, usesTunnel } = attempt;
  const { retryPolicy, link, onNotice, onDebug } = context;
  const needsTunnel = usesTunnel || plan.forwards.some((forward) => !('port' in forward));
  const engine: ForwardOptions = {
    target,
    forwards: plan.forwards,
    addresses: plan.addresses,
    retryPolicy,
    link: { ...link, clusterKeyId: undefined },
    flags: awsFlags(options),
    onNotice,
    onDebug,
    usesTunnel,
    createTunnel: needsTunnel ? await tunnelFactory(context, options, target) : undefined,
    onReady: (open, stop) => {
      if (options.json) app.stdout.once('close', () => stop(ExitStatus.brokenPipe));
      reportForwards(app, reporter, { json: options.json ?? false, open, target });
    },
    run:
      options.command.length === 0
        ? undefined
        : (open, abort) => app.runProgram(options.command, portVariables(open), abort),
  };
  const { stdio } = plan;
  if (stdio !== undefined) return runStdio(context.ports, engine, { ...app, destination: stdio });
  return runForward({ ...context.ports, listen: app.listen }, engine);
}
