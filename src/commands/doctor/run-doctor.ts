import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { Cancelled } from '#commands/cancelled.ts';
import { withTarget } from '#commands/picked-target.ts';
import { awsFlags, promptsOf, type SharedOptions } from '#commands/shared-options.ts';
import { awsPorts, targetRequest } from '#commands/target-request.ts';
import { within } from '#commands/time-limit.ts';
import { IDENTITY_CODES } from '#doctor/checks/local-checks.ts';
import { type Diagnosis, diagnose, withOutcome } from '#doctor/diagnose.ts';
import { AREAS, type Area } from '#doctor/evidence.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { isReady } from '#domain/readiness/readiness.ts';
import { skip } from '#domain/readiness/readiness-model.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { ToolSupport } from '#ssh/tools/ssh-tools.ts';
import type { Reporter } from '#ui/reporter.ts';
import { type FoundSubject, findSubject } from './doctor-target.ts';
import { printReport } from './print-report.ts';
import type { ProbeOptions } from './probe.ts';

export interface DoctorOptions extends SharedOptions {
  /** Undefined: check only this machine. */
  readonly target?: string | undefined;
  readonly quick?: true | undefined;
  /** Judge the one task that a session would use, not its whole service. */
  readonly task?: true | undefined;
  readonly deep?: true | undefined;
  readonly sessions?: true | undefined;
  readonly local?: true | undefined;
  readonly probe?: true | undefined;
  /** Also find out which tools over ssh the image supports. */
  readonly ssh?: true | undefined;
  readonly fix?: true | undefined;
}

const NOT_READY = 1;

/** ECS may have thousands of tasks to list; an endpoint that hangs would be waited for by minutes. */
const FIND_LIMIT_MS = 8_000;

/** @returns 0 if the target is ready for a session, or this machine has no problem; otherwise 1. */
export async function runDoctor(
  app: App,
  reporter: Reporter,
  given: DoctorOptions,
): Promise<number> {
  const asked = await targeted(app, reporter, given);
  const aws = awsPorts(app, asked, asked.target, traceAws(reporter));
  const found = await waitFor(app, asked, subjectOf(app, aws, asked));
  // Without a region or credentials nothing else can be found: check this machine.
  const options = found === undefined ? { ...asked, target: undefined } : asked;
  const { subject, notices } = found ?? nothingOf(options);
  for (const notice of notices) reporter.notice(notice);
  const looked = await waitFor(
    app,
    options,
    diagnose({
      subject,
      areas: areasOf(options),
      ports: aws.doctor,
      clock: app.clock,
      isTerminal: app.terminal !== undefined,
    }),
  );
  const { whyNoTask } = looked.subject;
  // No check failed, because none could be made.
  if (whyNoTask !== undefined && looked.isReady) throw whyNoTask;
  const diagnosis = await tried(app, reporter, options, looked);
  const tools = options.ssh ? await sshTools(app, reporter, options, diagnosis) : undefined;
  printReport(app, options, diagnosis, tools);
  if (!options.json) {
    const { sayLastWords } = await import('./last-words.ts');
    await sayLastWords(app, reporter, options, diagnosis);
  }
  const verdict = diagnosis.isReady ? ExitStatus.ok : NOT_READY;
  if (!options.fix) return verdict;
  const { repair } = await import('./fix.ts');
  return (await repair(app, reporter, options, diagnosis)) ?? verdict;
}

async function targeted(
  app: App,
  reporter: Reporter,
  options: DoctorOptions,
): Promise<DoctorOptions> {
  const { target, pick, quick, sessions, probe, ssh, fix, task, json } = options;
  if (fix && json) throw usage('--fix and --json exclude each other.');
  if (target !== undefined || pick) {
    return withTarget(app, reporter, options, { takesAny: true });
  }
  if (!quick && !sessions && !probe && !ssh && !fix && !task) return options;
  throw usage('--quick, --sessions, --task, --probe, --ssh and --fix need a TARGET.');
}

function usage(message: string): EcshError {
  const hint = 'For example:  ecsh doctor --probe prod/web';
  return new EcshError('usage', message, { hint });
}

/**
 * @returns undefined without a region or credentials
 * @throws EcshError `endpoint-unreachable` when finding the task takes too long
 */
async function subjectOf(
  { clock }: App,
  aws: AwsPorts,
  options: DoctorOptions,
): Promise<FoundSubject | undefined> {
  const { target } = options;
  if (target === undefined) return nothingOf(options);
  const limit = { clock, limitMs: FIND_LIMIT_MS };
  try {
    const ecs = await aws.ecs();
    const found = await within(
      limit,
      findSubject(ecs, { ...targetRequest(options, target), isSingleTask: options.task }),
    );
    if (found !== undefined) return found;
  } catch (error) {
    if (error instanceof EcshError && IDENTITY_CODES.includes(error.code)) return undefined;
    throw error;
  }
  throw new EcshError(
    'endpoint-unreachable',
    `ECS did not say within ${FIND_LIMIT_MS / 1_000} s which task that is.`,
    { hint: 'Check network, proxy and --endpoint-url:  ecsh doctor' },
  );
}

function nothingOf(options: DoctorOptions): FoundSubject {
  const { cluster = 'default' } = options;
  return { subject: { task: undefined, cluster, flags: awsFlags(options) }, notices: [] };
}

function areasOf(options: DoctorOptions): ReadonlySet<Area> {
  const { target, quick, deep, sessions, local } = options;
  if (target === undefined) return new Set(['local']);
  if (deep) return new Set(AREAS);
  const usual: readonly Area[] = quick ? [] : ['permissions', 'network', 'destinations'];
  return new Set<Area>([
    'task',
    'setup',
    ...usual,
    ...(sessions ? (['sessions'] as const) : []),
    ...(local ? (['local'] as const) : []),
  ]);
}

/** Opens a session only if one was requested and the checks allow it. */
async function tried(
  app: App,
  reporter: Reporter,
  options: DoctorOptions,
  diagnosis: Diagnosis,
): Promise<Diagnosis> {
  if (!options.probe || options.target === undefined) return diagnosis;
  const [{ probe }, { PROBE_CHECK }] = await Promise.all([
    import('./probe.ts'),
    import('#doctor/checks/probe.ts'),
  ]);
  const target = probeTarget(options, diagnosis);
  const outcome =
    target === undefined ? skip('It is not ready.') : await probe(app, reporter, target);
  return withOutcome(diagnosis, PROBE_CHECK, outcome);
}

/** @returns the rows of the table; null when no session could be opened */
async function sshTools(
  app: App,
  reporter: Reporter,
  options: DoctorOptions,
  diagnosis: Diagnosis,
): Promise<readonly ToolSupport[] | null> {
  const target = probeTarget(options, diagnosis);
  if (target === undefined) return null;
  const { findSshTools } = await import('./probe.ts');
  return (await findSshTools(app, reporter, target)) ?? null;
}

/** The very task and container that were judged; undefined when no session can be opened there. */
function probeTarget(options: DoctorOptions, diagnosis: Diagnosis): ProbeOptions | undefined {
  const { container, subject } = diagnosis;
  const { task, cluster } = subject;
  if (task === undefined || container === undefined || !isTaskReady(diagnosis)) return undefined;
  const target = `${cluster}/${nameInArn(task.taskArn)}@${container.name}`;
  return { ...options, container: undefined, target };
}

/** On a terminal, shows progress and stops at Ctrl-C. */
async function waitFor<T>(app: App, options: DoctorOptions, work: Promise<T>): Promise<T> {
  const prompts = promptsOf(app, options);
  if (prompts === undefined || options.quiet) return work;
  const waited = await prompts.waitFor('Looking …', work);
  if (waited.kind === 'done') return waited.value;
  throw new Cancelled(waited.by);
}

/** Ignores other tasks of the service. */
function isTaskReady({ results }: Diagnosis): boolean {
  return isReady(results.filter(({ id }) => id !== 'service-tasks'));
}
