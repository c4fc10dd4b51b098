import { DOCTOR_CHECKS } from '#doctor/checks/doctor-checks.ts';
import { type Gathered, gather } from '#doctor/gather/gather.ts';
import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import { deployerOf } from '#domain/readiness/deployer.ts';
import { checkTask, isReady } from '#domain/readiness/readiness.ts';
import type { CheckOutcome, CheckResult } from '#domain/readiness/readiness-model.ts';
import type { Container } from '#domain/resolve/task.ts';
import { ruledOutBy } from './agent-exit.ts';
import type { CheckDescription, DoctorContext, DoctorSubject } from './check-model.ts';
import type { Area, Evidence } from './evidence.ts';
import { createAsk, knownValue } from './finding.ts';
import { explainMissingTask } from './missing-task.ts';
import { confirmPlacement } from './placement.ts';
import { primaryOf } from './primary.ts';
import { explainRollback } from './rolled-back.ts';

export interface Diagnosis {
  /** No check fails. */
  readonly isReady: boolean;
  readonly subject: DoctorSubject;
  readonly container: Container | undefined;
  /** In the order of `CHECK_IDS`. */
  readonly results: readonly CheckResult[];
  /** The failure to show first; undefined if the target is ready. */
  readonly primary: CheckResult | undefined;
}

export interface DiagnoseOptions {
  readonly subject: Omit<DoctorSubject, 'now'>;
  readonly areas: ReadonlySet<Area>;
  readonly ports: DoctorPorts;
  readonly clock: Clock;
  readonly isTerminal: boolean;
}

/** Gathers evidence for the areas and evaluates it. Denied and slow calls are `unknown`, never a failure. */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  const { areas, ports, clock, isTerminal } = options;
  const subject = { ...options.subject, now: clock.now() };
  const ask = createAsk(clock);
  const gathered = await gather({ subject, ports, ask, isTerminal }, areas);
  const results = judgeAll(subject, areas, gathered);
  return { subject, container: gathered.container, ...verdictOn(results) };
}

/** The same diagnosis with later evidence. */
export function withOutcome(
  diagnosis: Diagnosis,
  { id, title, severity, docs }: CheckDescription,
  outcome: CheckOutcome,
): Diagnosis {
  const result = { retryable: false, evidence: {}, id, title, severity, docs, ...outcome };
  return { ...diagnosis, ...verdictOn([...diagnosis.results, result]) };
}

function verdictOn(results: readonly CheckResult[]) {
  return { results, isReady: isReady(results), primary: primaryOf(results) };
}

/** Runs the checks as pure functions of the evidence. */
function judgeAll(
  subject: DoctorSubject,
  areas: ReadonlySet<Area>,
  { evidence, container }: Gathered,
): readonly CheckResult[] {
  const informed = informedBy(evidence, subject, container);
  const containerName = subject.containerName ?? container?.name;
  const results = areas.has('task') ? taskResults({ ...informed, containerName }, evidence) : [];
  const context: DoctorContext = {
    ...informed,
    evidence,
    container,
    resultOf: (id) => results.find((result) => result.id === id),
  };
  for (const { run, id, title, severity, area, docs } of DOCTOR_CHECKS) {
    // With a task, the report has a line for each question about its sessions.
    if (!areas.has(area) && !(area === 'sessions' && areas.has('task'))) continue;
    results.push({ retryable: false, evidence: {}, id, title, severity, docs, ...run(context) });
  }
  return results;
}

/** Adds facts from the service and the task definition to the subject. */
function informedBy(
  evidence: Evidence,
  subject: DoctorSubject,
  container: Container | undefined,
): DoctorSubject {
  const service = knownValue(evidence.service);
  return {
    ...subject,
    deployer: service === undefined ? undefined : deployerOf(service),
    ruledOut: ruledOutBy(knownValue(evidence.taskDefinition), container),
  };
}

/** The results of tier A, updated with facts from the other tiers. */
function taskResults(subject: DoctorSubject, evidence: Evidence): CheckResult[] {
  const region = knownValue(evidence.region);
  const account = knownValue(evidence.caller)?.Account;
  const checked = checkTask({ ...subject, region, account });
  const isRunning = checked.some(
    ({ id, status }) => id === 'exec-agent-status' && status === 'pass',
  );
  return checked.map((result) => {
    switch (result.id) {
      case 'task-exists':
        return subject.task === undefined ? explainMissingTask(result, subject, evidence) : result;
      case 'async-placement':
        return confirmPlacement(result, evidence, isRunning);
      case 'exec-enabled':
        return explainRollback(result, subject, evidence);
      default:
        return result;
    }
  });
}
