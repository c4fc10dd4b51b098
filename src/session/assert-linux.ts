import { EcshError } from '#domain/errors/errors.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { isWindows } from '#domain/resolve/selection.ts';

/** PROTOCOL 8.10: neither streams nor a status survive the Windows console. */
export function assertLinux(target: ReadyTarget): void {
  if (!isWindows(target.task)) return;
  throw new EcshError(
    'windows-needs-terminal',
    'A Windows container can only be used on a terminal.',
    { hint: 'Open a shell:  ecsh shell TARGET' },
  );
}
