import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import { ProtectionLease } from '#session/protection-lease.ts';
import type { LinkContext } from './session-context.ts';

/** `--protect`: one target is protected from scale-in from before its session until after it. */
export class SessionProtection {
  readonly #context: LinkContext;
  readonly #isWanted: boolean;
  #lease: ProtectionLease | undefined;

  constructor(
    context: LinkContext,
    { protect = false }: { readonly protect?: boolean | undefined },
  ) {
    this.#context = context;
    this.#isWanted = protect;
  }

  /**
   * @returns the same target, once it is protected
   * @throws EcshError `protection-refused`, `access-denied`
   */
  async hold(target: ReadyTarget): Promise<ReadyTarget> {
    if (!this.#isWanted) return target;
    const { aws, ports, budget, onNotice } = this.#context;
    const { cluster, task } = target;
    const id = nameInArn(task.taskArn);
    if (serviceOf(task) === undefined) {
      onNotice(
        `Task ${id} belongs to no service: scale-in never stops it, and --protect has no effect.`,
      );
      return target;
    }
    const protection = await aws.protection();
    const { guard } = aws;
    const taking = ProtectionLease.take(
      { protection, guard, clock: ports.clock, onNotice },
      { cluster: nameInArn(cluster), task: id },
    );
    this.#lease = await budget.spend(taking);
    return target;
  }

  async release(): Promise<void> {
    await this.#lease?.release();
  }
}
