import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { endProtection, ProtectionLease, parseProtection } from '#session/protection-lease.ts';
import { ManualClock, settle } from '#test/fakes/manual-clock.ts';

const PLACE = { cluster: 'prod', task: '4'.repeat(32) };
const MINUTE = 60_000;
const LEASE = 15 * MINUTE;

/** One ECS task, and the ecsh processes that protect it. */
class World {
  readonly clock = new ManualClock();
  readonly calls: string[] = [];
  readonly notices: string[] = [];
  until: Date | undefined;
  failure: EcshError | undefined;

  readonly protection = {
    protectedUntil: async () => (this.failure === undefined ? this.until : this.#fail()),
    protect: async (_cluster: string, _task: string, minutes: number) => {
      if (this.failure !== undefined) return this.#fail();
      this.calls.push(`protect for ${minutes} min`);
      this.until = this.in(minutes);
      return this.until;
    },
    unprotect: async () => {
      this.calls.push('unprotect');
      this.until = undefined;
    },
  };

  in(minutes: number): Date {
    return new Date(this.clock.now() + minutes * MINUTE);
  }

  /** Starts another ecsh with its own watcher. */
  async ecsh() {
    const watched = new Set<string>();
    const guard = {
      prepare: () => undefined,
      watch: (id: string) => {
        watched.add(id);
        return () => watched.delete(id);
      },
    };
    const { clock, protection } = this;
    const onNotice = (text: string) => this.notices.push(text);
    const lease = await ProtectionLease.take({ clock, protection, guard, onNotice }, PLACE);
    return { lease, watched };
  }

  #fail(): Promise<never> {
    return Promise.reject(this.failure);
  }
}

describe('the protection of a task', () => {
  it('is taken, renewed, watched, and ended', async () => {
    const world = new World();
    const { lease, watched } = await world.ecsh();
    const first = world.clock.now() + LEASE;
    expect([...watched]).toEqual([`protection:prod/${PLACE.task}/${first}`]);
    await world.clock.advance(5 * MINUTE);
    expect(world.calls).toEqual(['protect for 15 min', 'protect for 15 min']);
    expect([...watched]).toEqual([`protection:prod/${PLACE.task}/${first + 5 * MINUTE}`]);
    await lease.release();
    expect(world.calls.at(-1)).toBe('unprotect');
    expect([[...watched], world.clock.timers]).toEqual([[], []]);
  });

  it('neither shortens nor ends the protection of the application', async () => {
    const world = new World();
    world.until = world.in(120);
    const { lease, watched } = await world.ecsh();
    await lease.release();
    expect([world.calls, [...watched]]).toEqual([[], []]);
  });

  it('is extended when the protection of the application is about to end', async () => {
    const world = new World();
    world.until = world.in(17);
    const { lease } = await world.ecsh();
    await world.clock.advance(5 * MINUTE);
    expect(world.calls).toEqual(['protect for 15 min']);
    await lease.release();
    expect(world.calls).toEqual(['protect for 15 min']);
  });

  it.each(['first', 'second'])('continues after the %s of two ecsh exits', async (which) => {
    const world = new World();
    const first = await world.ecsh();
    await world.clock.advance(MINUTE);
    const second = await world.ecsh();
    const [ends, stays] = which === 'first' ? [first, second] : [second, first];
    await ends.lease.release();
    expect(world.until).toEqual(world.in(15));
    await world.clock.advance(60 * MINUTE);
    expect(+(world.until ?? 0)).toBeGreaterThan(world.clock.now());
    await stays.lease.release();
    // It expires on its own, because another process may still need it.
    expect(world.calls).not.toContain('unprotect');
  });

  it('is rejected before a session exists', async () => {
    const world = new World();
    world.failure = new EcshError('protection-refused', 'No.');
    await expect(world.ecsh()).rejects.toBe(world.failure);
  });

  it('is reported once if it cannot be renewed, and retried', async () => {
    const world = new World();
    const { lease } = await world.ecsh();
    world.failure = new EcshError('throttled', 'Too many calls.');
    await world.clock.advance(10 * MINUTE);
    expect(world.notices).toEqual([
      'The scale-in protection could not be renewed: Too many calls.',
    ]);
    world.failure = undefined;
    await world.clock.advance(5 * MINUTE);
    expect(world.until).toEqual(world.in(15));
    await lease.release();
  });

  it('does not delay the exit if ECS does not respond', async () => {
    const world = new World();
    const { lease, watched } = await world.ecsh();
    world.protection.unprotect = () => new Promise(() => undefined);
    const release = lease.release();
    await settle();
    await world.clock.advance(5_000);
    await release;
    expect(world.notices).toEqual([
      'The scale-in protection could not be ended (ECS did not answer UpdateTaskProtection.); it ends by itself within 15 minutes.',
    ]);
    expect(watched.size).toBe(1);
  });
});

describe('the watcher of a killed ecsh', () => {
  it('ends the protection of its own ecsh', async () => {
    const world = new World();
    const { watched } = await world.ecsh();
    const [id = ''] = watched;
    const found = parseProtection(id);
    expect(found).toEqual({ place: PLACE, until: world.in(15) });
    await endProtection(world.protection, PLACE, world.in(15));
    expect(world.calls).toEqual(['protect for 15 min', 'unprotect']);
  });

  it('keeps the protection of other processes', async () => {
    const world = new World();
    const before = world.in(15);
    await world.clock.advance(MINUTE);
    await world.ecsh();
    await endProtection(world.protection, PLACE, before);
    expect(world.calls).toEqual(['protect for 15 min']);
  });

  it.each(['task:prod/1', 'ecs-execute-command-1'])(
    'ignores %s, which is not a protection',
    (id) => {
      expect(parseProtection(id)).toBeUndefined();
    },
  );
});
