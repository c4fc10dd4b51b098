import type { ServiceSummary } from '#domain/ports/inventory-ports.ts';

/** Tasks of a service in which a session can be opened. */
export interface ServiceExec {
  readonly readyCount: number;
  /** Why the first of the others is not ready. */
  readonly notReadyCode: string | undefined;
  /** The reason may be temporary. */
  readonly isPassing?: boolean | undefined;
}

/**
 * One word for a list: `off`; `on` where nothing runs or its tasks are not known; `ready`; `1 of 2 ready`; or the code of
 * the error that a session would end with.
 */
export function serviceExecText(
  { enableExecuteCommand, runningCount }: ServiceSummary,
  exec: ServiceExec | undefined,
): string {
  if (!enableExecuteCommand) return 'off';
  if (exec === undefined || runningCount === 0) return 'on';
  if (exec.readyCount === 0) return exec.notReadyCode ?? 'on';
  return exec.notReadyCode === undefined ? 'ready' : `${exec.readyCount} of ${runningCount} ready`;
}
