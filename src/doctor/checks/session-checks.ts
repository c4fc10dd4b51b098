import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { judge } from '#doctor/finding.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import type { ExecEvent } from '#domain/ports/session-responses.ts';
import { type CheckOutcome, pass } from '#domain/readiness/readiness-model.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { DOCS } from './docs.ts';

/** The default of the agent; the service can set another limit. */
const SESSIONS_PER_CONTAINER = 2;

/** Sessions in the container: how many are open, when they time out, who opened them. */
export const SESSION_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'session-limit',
    title: 'Room for a session',
    area: 'sessions',
    severity: 'warn',
    meaning:
      'A container takes two sessions at a time by default. Those of lost terminals count until they have been idle for 20 minutes, and those of ssm:StartSession count too.',
    remedy: 'See who is in there with ecsh sessions, and end one: ecsh sessions end.',
    docs: DOCS.exec,
    run: checkLimit,
  },
  {
    id: 'idle-timeout',
    title: 'Idle sessions end',
    area: 'sessions',
    severity: 'info',
    meaning:
      'ECS closes a session after 20 minutes without input or output. The limit is fixed; ecsh keeps idle sessions open with --keepalive.',
    remedy: 'Use --keepalive, or let a job runner do what takes long.',
    docs: DOCS.exec,
    run: () => ({
      status: 'info',
      message:
        'ECS closes idle sessions after 20 minutes, a fixed limit; --keepalive keeps them open. The process may survive the session.',
    }),
  },
  {
    id: 'audit-trail',
    title: 'Last use',
    area: 'sessions',
    severity: 'info',
    meaning: 'CloudTrail records every ExecuteCommand with its caller and its command line.',
    remedy: 'Never put a secret into a command line.',
    docs: DOCS.exec,
    run: checkTrail,
  },
];

function checkLimit({ evidence, container, flags }: DoctorContext): CheckOutcome {
  return judge(evidence.activeSessions, (sessions) => {
    const name = container?.name ?? 'the container';
    const open = sessions.map(({ SessionId, Owner, StartDate }) => ({
      id: SessionId,
      owner: Owner,
      since: StartDate?.toISOString(),
    }));
    const count = open.length === 1 ? '1 session is' : `${open.length} sessions are`;
    const facts = { sessions: open };
    if (open.length < SESSIONS_PER_CONTAINER) return pass(`${count} open on ${name}.`, facts);
    const list = open.map(
      ({ id, owner, since }) => `${id} of ${nameInArn(owner ?? '?')} since ${since ?? '?'}`,
    );
    const end = ['sessions', 'end', open[0]?.id ?? 'ID'];
    return {
      status: 'warn',
      message: `${count} open on ${name}: ${list.join(', ')}. The default limit is ${SESSIONS_PER_CONTAINER} per container.`,
      fix: { summary: 'End one that is not used', command: ecshCommand(end, flags) },
      evidence: facts,
    };
  });
}

function checkTrail({ evidence, cluster, task }: DoctorContext): CheckOutcome {
  return judge(evidence.execEvents, (events) => {
    const uses = events.map(useOf);
    const last =
      uses.find((use) => task !== undefined && use.task === nameInArn(task.taskArn)) ??
      uses.find((use) => use.cluster === cluster);
    if (last === undefined) return pass(`CloudTrail knows of no exec in ${cluster} lately.`);
    const { user, time, container } = last;
    return {
      status: 'info',
      message: `Last exec by ${user} at ${time} into ${container}. CloudTrail shows the command line: never put secrets in it.`,
      evidence: { ...last },
    };
  });
}

interface Use {
  readonly user: string;
  readonly time: string;
  readonly cluster: string;
  readonly task: string;
  readonly container: string;
}

/** Leaves out the command, because it may contain a secret. */
function useOf({ Username, EventTime, CloudTrailEvent = '' }: ExecEvent): Use {
  const parameters = parametersOf(CloudTrailEvent);
  const text = (name: string) => {
    const value: unknown = Reflect.get(parameters, name);
    return typeof value === 'string' ? nameInArn(value) : '';
  };
  return {
    user: Username ?? 'an unknown user',
    time: EventTime?.toISOString() ?? 'an unknown time',
    cluster: text('cluster'),
    task: text('task'),
    container: text('container') || 'a container',
  };
}

function parametersOf(event: string): object {
  try {
    return Object(Reflect.get(Object(JSON.parse(event)), 'requestParameters'));
  } catch {
    return {};
  }
}
