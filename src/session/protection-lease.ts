import { EcshError } from '#domain/errors/errors.ts';
import type { TaskProtectionApi } from '#domain/ports/protection-ports.ts';
import type { SessionGuard } from '#domain/ports/session-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';

/** If ecsh and its watcher are both killed, the protection expires after this time (minutes). */
const LEASE_MINUTES = 15;
/** Early enough for another attempt before the lease expires, if a renewal fails (ms). */
const RENEW_MS = 5 * 60_000;
/** The exit of ecsh waits this long for the release (ms). */
const RELEASE_LIMIT_MS = 5_000;
const MINUTE_MS = 60_000;

export interface ProtectedPlace {
  readonly cluster: string;
  /** The id of the task. */
  readonly task: string;
}

export interface LeasePorts {
  readonly protection: TaskProtectionApi;
  readonly guard: SessionGuard | undefined;
  readonly clock: Clock;
  readonly onNotice: (text: string) => void;
}

/**
 * Scale-in protection of one task during a session, as a lease that is renewed. Never shortens or ends protection
 * that the application, or another ecsh in the same task, has set. It recognizes such protection by an expiration
 * that this lease has not set, and then lets its own protection expire.
 */
export class ProtectionLease {
  readonly #ports: LeasePorts;
  readonly #place: ProtectedPlace;
  /** The expiration that this lease has set; undefined while another one lasts longer. */
  #until: Date | undefined;
  #isShared = false;
  #unwatch: () => void = () => undefined;
  #cancel: () => void = () => undefined;
  #hasFailed = false;

  private constructor(ports: LeasePorts, place: ProtectedPlace) {
    this.#ports = ports;
    this.#place = place;
  }

  /** @throws EcshError `protection-refused`, `access-denied` */
  static async take(ports: LeasePorts, place: ProtectedPlace): Promise<ProtectionLease> {
    const lease = new ProtectionLease(ports, place);
    await lease.#extend();
    lease.#renewLater();
    return lease;
  }

  /** Ends the protection, unless others rely on it. Never fails, because it expires in minutes. */
  async release(): Promise<void> {
    this.#cancel();
    const { clock, onNotice } = this.#ports;
    const releasing = this.#until === undefined || this.#isShared ? undefined : this.#end();
    if (releasing === undefined) {
      this.#unwatch();
      return;
    }
    try {
      await unlessLate(clock, releasing);
      this.#unwatch();
    } catch (error) {
      if (!(error instanceof EcshError)) throw error;
      onNotice(
        `The scale-in protection could not be ended (${error.message}); it ends by itself within ${LEASE_MINUTES} minutes.`,
      );
    }
  }

  async #end(): Promise<void> {
    if (this.#until !== undefined) {
      await endProtection(this.#ports.protection, this.#place, this.#until);
    }
  }

  async #extend(): Promise<void> {
    const { protection, clock, guard, onNotice } = this.#ports;
    const { cluster, task } = this.#place;
    const current = await protection.protectedUntil(cluster, task);
    if (current !== undefined && !isSame(current, this.#until)) this.#isShared = true;
    const isLonger = current !== undefined && +current >= clock.now() + LEASE_MINUTES * MINUTE_MS;
    if (isLonger) return;
    this.#until = await protection.protect(cluster, task, LEASE_MINUTES);
    const unwatch = this.#unwatch;
    // Shared protection must expire, so the watcher must not end it either.
    this.#unwatch = this.#isShared
      ? () => undefined
      : (guard?.watch(protectionId(this.#place, this.#until), (reason) =>
          onNotice(`If ecsh is killed, the protection lasts ${LEASE_MINUTES} minutes (${reason}).`),
        ) ?? (() => undefined));
    unwatch();
  }

  #renewLater(): void {
    this.#cancel = this.#ports.clock.after(RENEW_MS, () => {
      this.#renewLater();
      this.#extend().then(
        () => {
          this.#hasFailed = false;
        },
        (error: unknown) => this.#onRenewFailure(error),
      );
    });
  }

  #onRenewFailure(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#ports.onNotice(`The scale-in protection could not be renewed: ${reason}`);
  }
}

/** ECS may round to whole seconds. */
/**
 * UNVERIFIED: that GetTaskProtection returns the time that UpdateTaskProtection returned, to a second; compare them.
 * If not, no protection is ended, and each one expires.
 */
function isSame(one: Date, other: Date | undefined): boolean {
  return other !== undefined && Math.abs(+one - +other) < 1_000;
}

/** Ends the protection that this lease has set, and keeps any other. */
export async function endProtection(
  protection: TaskProtectionApi,
  { cluster, task }: ProtectedPlace,
  until: Date,
): Promise<void> {
  const current = await protection.protectedUntil(cluster, task);
  if (current !== undefined && isSame(current, until)) await protection.unprotect(cluster, task);
}

/** The word for this protection in the watcher's input: the watcher ends it if ecsh is killed. */
export function protectionId({ cluster, task }: ProtectedPlace, until: Date): string {
  return `protection:${cluster}/${task}/${+until}`;
}

/** The reverse of `protectionId`; undefined for other ids. */
export function parseProtection(id: string) {
  const [, cluster, task, until] = /^protection:([^/]+)\/([^/]+)\/(\d+)$/.exec(id) ?? [];
  if (cluster === undefined || task === undefined) return undefined;
  return { place: { cluster, task }, until: new Date(Number(until)) };
}

async function unlessLate(clock: Clock, work: Promise<void>): Promise<void> {
  let cancel: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(RELEASE_LIMIT_MS, () =>
      reject(new EcshError('service-unavailable', 'ECS did not answer UpdateTaskProtection.')),
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    cancel();
    work.catch(() => undefined);
  }
}
