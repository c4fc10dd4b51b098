import type { FleetContainer, FleetTask } from '#simulator/fleet/fleet.ts';

/** `healthCheck` of a container definition (ECS API, HealthCheck), in milliseconds. */
export interface HealthCheck {
  /** The arguments after CMD, or a shell with the script after CMD-SHELL. */
  readonly words: readonly [string, ...string[]];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** This many consecutive failures make the container UNHEALTHY. */
  readonly retries: number;
  /** Failures within this time after the start do not count. */
  readonly startPeriodMs: number;
}

export type Health = 'HEALTHY' | 'UNHEALTHY';

/** Undefined if the container has no health check, or disables it with NONE. */
export function healthCheckOf({ definition }: FleetContainer): HealthCheck | undefined {
  const given: unknown = definition.healthCheck;
  const command: unknown = Reflect.get(Object(given), 'command');
  const words = Array.isArray(command) ? command.map(String) : [];
  const [kind, first, ...rest] = words;
  if (kind === undefined || kind === 'NONE' || first === undefined) return undefined;
  const number = (name: string, otherwise: number) => {
    const value: unknown = Reflect.get(Object(given), name);
    return typeof value === 'number' ? value : otherwise;
  };
  return {
    words: kind === 'CMD-SHELL' ? ['/bin/sh', '-c', [first, ...rest].join(' ')] : [first, ...rest],
    intervalMs: 1_000 * number('interval', 30),
    timeoutMs: 1_000 * number('timeout', 5),
    retries: number('retries', 3),
    startPeriodMs: 1_000 * number('startPeriod', 0),
  };
}

/** The health of a task, derived from its essential containers with a health check (ECS API, Task). */
export function healthOf({ containers }: FleetTask): string | undefined {
  const checked = containers.filter((one) => one.essential && healthCheckOf(one) !== undefined);
  const statuses = checked.map(({ healthStatus }) => healthStatus);
  return statuses.find((status) => status !== 'HEALTHY') ?? statuses[0];
}

export interface HealthWatchOptions {
  readonly check: HealthCheck;
  /** Runs the command once; resolves with true if it exits with 0 in time. */
  readonly probe: () => Promise<boolean>;
  /** Milliseconds. */
  readonly now: () => number;
  readonly after: (milliseconds: number, run: () => void) => void;
  /** Whether the container still runs. */
  readonly isRunning: () => boolean;
  readonly onChange: (health: Health) => void;
}

/**
 * Checks a container until it ends. Docker waits one interval before the first check. This one also checks at once,
 * and a failure then does not count, so a healthy container is HEALTHY without delay.
 */
export function watchHealth(options: HealthWatchOptions): void {
  const { check, probe, now, after, isRunning, onChange } = options;
  const startedAt = now();
  let health: Health | undefined;
  let failures = 0;
  const change = (next: Health) => {
    if (next === health) return;
    health = next;
    onChange(next);
  };
  const run = async (isEarly: boolean) => {
    if (!isRunning()) return;
    const hasPassed = await probe();
    if (!isRunning()) return;
    const counts = health !== undefined || now() - startedAt >= check.startPeriodMs;
    if (hasPassed) failures = 0;
    else if (counts && !isEarly) failures += 1;
    if (hasPassed) change('HEALTHY');
    else if (failures >= check.retries) change('UNHEALTHY');
    after(check.intervalMs, () => void run(false));
  };
  void run(true);
}
