import type { Clock, Signals } from '../domain/system-ports.ts';

/**
 * A terminal that closes sends SIGHUP, and its shell does so once more: that is not yet somebody who
 * asks twice. Milliseconds.
 */
const ECHO_MS = 100;

type Process = Pick<NodeJS.Process, 'on' | 'off' | 'kill' | 'pid'>;

/** `Signals` of this process; of one that comes twice at once the second is nobody's. */
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
