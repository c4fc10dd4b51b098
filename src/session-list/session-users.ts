import { EcshError } from '#domain/errors/errors.ts';
import type { TrailApi } from '#domain/ports/doctor-ports.ts';
import type { ExecEvent, SessionDetails } from '#domain/ports/session-responses.ts';
import { nameInArn, parseArn } from '#domain/resolve/arn.ts';

/**
 * ARNs of the people and roles that started sessions, by session id. ECS itself starts the session of an ExecuteCommand,
 * so Session Manager reports a role of ECS as its owner; CloudTrail has the caller, minutes later.
 *
 * UNVERIFIED: that the owner is `…/AWSServiceRoleForECS/ecs-execute-command`, as session ids suggest, which
 * begin with the name of their owner; look at `aws ssm describe-sessions --state Active` while a shell is open.
 */
export async function sessionUsers(
  trail: () => Promise<Pick<TrailApi, 'lookupExecEvents'>>,
  sessions: readonly SessionDetails[],
): Promise<ReadonlyMap<string, string>> {
  const direct = sessions.flatMap(({ SessionId = '', Owner }) =>
    Owner === undefined || parseArn(Owner) === undefined || isOfEcs(Owner)
      ? []
      : [[SessionId, Owner] as const],
  );
  if (direct.length === sessions.length) return new Map(direct);
  const events = await eventsIfAllowed(trail);
  return new Map([...direct, ...events.flatMap(userOf)]);
}

function isOfEcs(owner: string): boolean {
  return nameInArn(owner) === 'ecs-execute-command';
}

async function eventsIfAllowed(
  trail: () => Promise<Pick<TrailApi, 'lookupExecEvents'>>,
): Promise<readonly ExecEvent[]> {
  try {
    return await (await trail()).lookupExecEvents();
  } catch (error) {
    // The list is useful without the names.
    if (error instanceof EcshError) return [];
    throw error;
  }
}

/** `userIdentity.arn` and `responseElements.session.sessionId` of a recorded ExecuteCommand. */
function userOf({ CloudTrailEvent = '' }: ExecEvent): readonly (readonly [string, string])[] {
  const event = parsed(CloudTrailEvent);
  const sessionId = field(field(field(event, 'responseElements'), 'session'), 'sessionId');
  const arn = field(field(event, 'userIdentity'), 'arn');
  return typeof sessionId === 'string' && typeof arn === 'string' ? [[sessionId, arn]] : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
