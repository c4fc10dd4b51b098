import type { EndSignal } from '#domain/ports/system-ports.ts';

/** The exit statuses of ecsh itself; all others are the remote command's (`ecsh help exit-status`). */
export const ExitStatus = {
  ok: 0,
  timeout: 124,
  brokenPipe: 141,
  failure: 255,
} as const;

const SIGNAL_NUMBERS: Readonly<Record<EndSignal, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** 128 + n, as a shell reports a program that was ended by a signal. */
export function signalStatus(signal: EndSignal): number {
  return 128 + SIGNAL_NUMBERS[signal];
}

/** A full disk is a failure of ecsh; if the reader has gone, ecsh exits as after SIGPIPE. */
export function brokenOutputStatus(error: Error): number {
  const isReaderGone = !('code' in error) || error.code === 'EPIPE';
  return isReaderGone ? ExitStatus.brokenPipe : ExitStatus.failure;
}
