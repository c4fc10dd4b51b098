import type { DestinationEvidence, PermissionEvidence, SetupEvidence } from '#doctor/evidence.ts';
import { type Decision, decisionsOf } from '#doctor/rules/simulation.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { IamApi } from '#domain/ports/doctor-ports.ts';
import type { SimulationRequest } from '#domain/ports/iam-responses.ts';

/** Facts about a task that a simulation of permissions needs. */
export type PermissionGround = SetupEvidence &
  Pick<DestinationEvidence, 'key' | 'bucketEncryption' | 'isForeignBucket'> &
  Pick<PermissionEvidence, 'caller' | 'callerPrincipal' | 'taskRole' | 'instanceRoles'>;

export interface Simulation {
  readonly principal: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly context: SimulationRequest['ContextEntries'];
}

/** @throws EcshError from the port */
export async function simulate(iam: IamApi, simulation: Simulation): Promise<readonly Decision[]> {
  const { principal, actions, resources, context } = simulation;
  const ask = async (ActionNames: readonly string[]) =>
    decisionsOf(
      await iam.simulate({
        PolicySourceArn: principal,
        ActionNames,
        ResourceArns: resources,
        ContextEntries: context,
      }),
      ActionNames,
      resources,
    );
  try {
    return await ask(actions);
  } catch (error) {
    if (!cannotBeMixed(error) || actions.length < 2) throw error;
    return (await Promise.all(actions.map((action) => ask([action])))).flat();
  }
}

/** IAM refuses to evaluate some actions in one call, and does not document which. */
function cannotBeMixed(error: unknown): boolean {
  return error instanceof EcshError && /different authorization information/i.test(error.message);
}
