import type { SessionEvidence } from '#doctor/evidence.ts';
import { chain, type Finding, known, notAsked } from '#doctor/finding.ts';
import { targetIdOf } from '#domain/resolve/resolve.ts';
import type { Inquiry } from './inquiry.ts';

/** Tier F: the open sessions of the container, and the latest ExecuteCommand calls in CloudTrail. */
export async function gatherSessions(inquiry: Inquiry): Promise<SessionEvidence> {
  const { ports, ask } = inquiry;
  const [activeSessions, execEvents] = await Promise.all([
    chain(targetId(inquiry), (target) =>
      ask('ssm:DescribeSessions', async () => (await ports.sessions()).describeSessions(target)),
    ),
    ask('cloudtrail:LookupEvents', async () => (await ports.trail()).lookupExecEvents()),
  ]);
  return { activeSessions, execEvents };
}

function targetId({ subject: { task }, container }: Inquiry): Finding<string> {
  if (task === undefined || container === undefined) return notAsked('No container is chosen.');
  const id = targetIdOf(task, container);
  return id === undefined ? notAsked(`${container.name} has no runtime id yet.`) : known(id);
}
