import { signalStatus } from '#domain/errors/exit-status.ts';
import { type Clock, END_SIGNALS, type Signals } from '#domain/ports/system-ports.ts';

/** A closing terminal sends SIGHUP and its shell sends another: one request, not two (ms). */
const ECHO_MS = 100;

type Process = Pick<NodeJS.Process, 'on' | 'off' | 'kill' | 'pid'>;

/**
 * Makes a signal that nothing else handles end the process with 128 + n, and SIGUSR1 act as SIGTERM:
 * without a listener it would open Node's debugger to every local user. As in bin/ecsh.js.
 */
export function exitOnSignals(own: NodeJS.Process): void {
  own.on('SIGUSR1', () => own.kill(own.pid, 'SIGTERM'));
  for (const signal of END_SIGNALS) {
    own.on(signal, () => {
      if (own.listenerCount(signal) === 1) own.exit(signalStatus(signal));
    });
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
