import { riskOf } from '#doctor/connection-path.ts';
import { primaryOf } from '#doctor/primary.ts';
import { diagnosisOf, type World } from './doctor-world.ts';

/** The verdict on a task, and the first check of the report. */
export async function leadOf(world: World) {
  const { isReady, results } = await diagnosisOf(world);
  return { isReady, lead: primaryOf(results) ?? riskOf(results) };
}

/** The verdict in one line, `not ready: task-role` or `ready: -`, and the suggested fix. */
export async function verdictAndFixOf(world: World) {
  const { isReady, lead } = await leadOf(world);
  return {
    verdict: `${isReady ? 'ready' : 'not ready'}: ${lead?.id ?? '-'}`,
    fix: `${lead?.fix?.summary ?? ''} ${lead?.fix?.command ?? ''}`,
  };
}

/** The verdict in one line. */
export async function verdictOf(world: World): Promise<string> {
  return (await verdictAndFixOf(world)).verdict;
}
