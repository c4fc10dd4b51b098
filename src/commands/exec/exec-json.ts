import type { App } from '#commands/app.ts';
import { describeFailure, type FailureReport } from '#commands/json-output.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import type { ExecRunResult } from '#exec/exec-run-options.ts';
import { Capture } from '#session/capture.ts';
import type { RunOn } from './run-on.ts';

/** The output of `exec --json`; keys are stable. */
export interface ExecReport {
  /** The command's own status; null when it is not known. */
  readonly status: number | null;
  /** The exit status of ecsh. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** `base64` for both streams if one of them is not UTF-8 text. */
  readonly encoding: 'utf8' | 'base64';
  readonly cluster: string | null;
  readonly task: string | null;
  readonly container: string | null;
  readonly sessionId: string | null;
  readonly durationMs: number;
  readonly error: FailureReport | null;
}

/** Runs the command and keeps its output; prints our own failures and adds them to the report. */
export async function captureRun(
  app: App,
  runOn: RunOn,
  find: () => Promise<ReadyTarget>,
  onFailure: (error: EcshError) => void,
): Promise<ExecReport> {
  const startedAt = app.clock.now();
  const stdout = new Capture();
  const stderr = new Capture();
  let target: ReadyTarget | undefined;
  let result: Pick<ExecReport, 'status' | 'exitCode' | 'sessionId' | 'error'>;
  try {
    target = await find();
    const outcome = await runOn(target, { stdout, stderr });
    const { status = null, exitCode, sessionId = null, failure } = outcome;
    if (failure !== undefined) onFailure(failure);
    const error = failure === undefined ? null : describeFailure(failure);
    result = { status, exitCode, sessionId, error };
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    const { exitCode } = error;
    onFailure(error);
    result = { status: null, exitCode, sessionId: null, error: describeFailure(error) };
  }
  return reportOf({ stdout, stderr }, result, {
    cluster: target?.cluster ?? null,
    task: target?.task.taskArn ?? null,
    container: target?.container.name ?? null,
    durationMs: app.clock.now() - startedAt,
  });
}

/** The report of a run that had a result. */
export function describeRun(
  captured: Captured,
  { status, exitCode, sessionId, failure }: ExecRunResult,
  where: Pick<ExecReport, 'cluster' | 'task' | 'container' | 'durationMs'>,
): ExecReport {
  const error = failure === undefined ? null : describeFailure(failure);
  const result = { status: status ?? null, exitCode, sessionId: sessionId ?? null, error };
  return reportOf(captured, result, where);
}

function reportOf(
  { stdout, stderr }: Captured,
  result: Pick<ExecReport, 'status' | 'exitCode' | 'sessionId' | 'error'>,
  where: Pick<ExecReport, 'cluster' | 'task' | 'container' | 'durationMs'>,
): ExecReport {
  const encoding = stdout.isText && stderr.isText ? 'utf8' : 'base64';
  return {
    ...result,
    stdout: stdout.toString(encoding),
    stderr: stderr.toString(encoding),
    encoding,
    ...where,
  };
}

interface Captured {
  readonly stdout: Capture;
  readonly stderr: Capture;
}
