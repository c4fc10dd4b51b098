import { closeSync, fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { signalStatus } from '#domain/errors/exit-status.ts';
import { type Clock, END_SIGNALS, type Signals } from '#domain/ports/system-ports.ts';

/** A closing terminal sends SIGHUP and its shell sends another: this is one request, not two (ms). */
const ECHO_MS = 100;

type Process = Pick<NodeJS.Process, 'on' | 'off' | 'kill' | 'pid'>;

/**
 * Makes an unhandled signal end the process with 128 + n, and SIGUSR1 act like SIGTERM:
 * without a listener it would open Node's debugger to every local user. A hang-up ends the process without a
 * core dump. The same as in bin/ecsh.js.
 */
export function exitOnSignals(own: NodeJS.Process): void {
  own.on('SIGUSR1', () => own.kill(own.pid, 'SIGTERM'));
  for (const signal of END_SIGNALS) {
    own.on(signal, () => {
      if (own.listenerCount(signal) === 1) own.exit(signalStatus(signal));
    });
  }
  own.on('exit', closeLostTerminals);
}

/** Node.js aborts at exit if it cannot reset a terminal that has hung up. It ignores closed descriptors. */
function closeLostTerminals(): void {
  for (const descriptor of [0, 1, 2]) {
    try {
      const isDevice = fstatSync(descriptor).isCharacterDevice();
      if (isDevice && !isatty(descriptor)) closeSync(descriptor);
    } catch {
      // It is closed.
    }
  }
}

/** `Signals` of this process. A repetition within `ECHO_MS` is ignored. */
export function createSignals(own: Process, clock: Clock): Signals {
  return {
    on(signal, handler) {
      let heardAt = Number.NEGATIVE_INFINITY;
      const hear = () => {
        const isEcho = clock.now() - heardAt < ECHO_MS;
        heardAt = clock.now();
        if (!isEcho) handler();
      };
      own.on(signal, hear);
      return () => own.off(signal, hear);
    },
    suspend: () => own.kill(own.pid, 'SIGSTOP'),
  };
}
