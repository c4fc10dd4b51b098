import { diagnose } from '#doctor/diagnose.ts';
import { AREAS, type Area } from '#doctor/evidence.ts';
import { reportOf } from '#doctor/report.ts';
import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import { resolveTask } from '#domain/resolve/resolve.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import type { DoctorResult } from './client-options.ts';
import type { TargetOptions } from './options.ts';
import { accessFor, type World, withAbortReason } from './session-context.ts';

/** Without checks of this machine, which callers check themselves, and of sessions (`ecsh doctor --sessions`). */
const LEFT_OUT: readonly Area[] = ['local', 'sessions'];

/** @throws EcshError if there is no task to check */
export async function doctorIn(
  world: World,
  ports: DoctorPorts,
  text: string,
  options: TargetOptions,
): Promise<DoctorResult> {
  const { cluster, container, region, profile, endpointUrl, signal } = options;
  const flags = { region, profile, endpointUrl };
  const aws = accessFor(world, text, options);
  return withAbortReason(signal, async () => {
    const request = { target: text, cluster, container, flags, tags: true };
    const found = await resolveTask(await aws.ecs(), request);
    const diagnosis = await diagnose({
      subject: {
        task: found.task,
        cluster: found.cluster,
        containerName: parseTarget(text).container ?? container,
        service: serviceOf(found.task),
        flags,
      },
      areas: new Set(AREAS.filter((area) => !LEFT_OUT.includes(area))),
      ports,
      clock: world.clock,
      isTerminal: false,
    });
    const { ready, primary, checks } = reportOf(diagnosis, text);
    return {
      ready,
      primary,
      checks: checks.map(({ id, status, title, message }) => ({ id, status, title, message })),
    };
  });
}
