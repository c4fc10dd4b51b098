import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { isConfirmed } from '#commands/confirmation.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { awsPorts } from '#commands/target-request.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { isSessionId, namedSession } from '#session-list/named-session.ts';
import { type ContainerSession, findSessions } from '#session-list/session-list.ts';
import { ageText } from '#ui/age.ts';
import type { Reporter } from '#ui/reporter.ts';
import { sessionPlace, sessionPorts } from './session-place.ts';
import { sessionPlaceText, userText } from './session-rows.ts';

export interface EndOptions extends SharedOptions {
  /** Ids of sessions, and places. */
  readonly words: readonly string[];
  readonly others?: true | undefined;
  readonly dryRun?: true | undefined;
}

const NOT_ENDED = 1;

/**
 * Ends sessions, after a question.
 *
 * @returns 0; 1 when the user declined or a session could not be ended
 * @throws EcshError `no-such-session`, `session-of-others`
 */
export async function runSessionsEnd(
  app: App,
  reporter: Reporter,
  options: EndOptions,
): Promise<number> {
  const aws = awsPorts(app, options, undefined, traceAws(reporter));
  const sessions = await wantedSessions(aws, reporter, options);
  for (const session of sessions) reporter.notice(describe(session, app.clock.now()));
  if (options.dryRun) return 0;
  const question = sessions.length === 1 ? 'End it?' : `End these ${sessions.length} sessions?`;
  const words = [...options.words, ...(options.others ? ['--others'] : [])];
  const again = ecshCommand(['sessions', 'end', ...words], awsFlags(options));
  if (!(await isConfirmed(app, options, question, again))) {
    reporter.notice('No session was ended.');
    return NOT_ENDED;
  }
  return endAll(app, reporter, { aws, options, sessions });
}

async function wantedSessions(
  aws: AwsPorts,
  reporter: Reporter,
  options: EndOptions,
): Promise<readonly ContainerSession[]> {
  const ports = await sessionPorts(aws);
  const all = await findSessions(ports, { state: 'Active' });
  const found = new Map<string, ContainerSession>();
  for (const word of options.words) {
    const named = namedSession(all, word);
    if (named !== undefined) {
      if (!mayEnd(named, options)) throw ofOthers(named, options);
      found.set(named.sessionId, named);
      continue;
    }
    if (isSessionId(word)) throw notFound(`No open session is ${word}.`, options);
    const there = await findSessions(ports, { state: 'Active' }, sessionPlace(word, options));
    const mine = there.filter((session) => mayEnd(session, options));
    const left = there.length - mine.length;
    const [other] = there;
    if (mine.length === 0 && other !== undefined) throw ofOthers(other, options);
    if (mine.length === 0) throw notFound(`No session is open in ${word}.`, options);
    if (left > 0)
      reporter.notice(
        `${left} in ${word} not known to be yours ${left === 1 ? 'stays' : 'stay'} open.`,
      );
    for (const session of mine) found.set(session.sessionId, session);
  }
  return [...found.values()];
}

function mayEnd({ whose }: ContainerSession, { others }: EndOptions): boolean {
  return whose === 'yours' || others === true;
}

function describe(session: ContainerSession, now: number): string {
  const { startedAt, sessionId } = session;
  const since = startedAt === undefined ? '' : ` for ${ageText(startedAt, now)}`;
  return `${userText(session)} in ${sessionPlaceText(session)}${since}: ${sessionId}`;
}

interface Ending {
  readonly aws: AwsPorts;
  readonly options: EndOptions;
  readonly sessions: readonly ContainerSession[];
}

async function endAll(
  app: App,
  reporter: Reporter,
  { aws, options, sessions }: Ending,
): Promise<number> {
  const ssm = await aws.ssm();
  let left = 0;
  for (const { sessionId } of sessions) {
    const failure = await ssm.terminateSession(sessionId).then(() => undefined, failureOf);
    if (options.json) writeJsonLine(app.stdout, { sessionId, ended: failure === undefined });
    if (failure === undefined) continue;
    left += 1;
    reporter.failure(failure, `session ${sessionId}`);
  }
  const ended = sessions.length - left;
  if (ended > 0)
    reporter.notice(ended === 1 ? '1 session was ended.' : `${ended} sessions were ended.`);
  return left === 0 ? 0 : NOT_ENDED;
}

function failureOf(error: unknown): EcshError {
  if (error instanceof EcshError) return error;
  throw error;
}

function ofOthers({ user, sessionId }: ContainerSession, options: EndOptions): EcshError {
  const message =
    user === undefined
      ? `Session ${sessionId} may not be yours: CloudTrail does not show who started it.`
      : `Session ${sessionId} was started by ${user}.`;
  const command = ecshCommand(['sessions', 'end', sessionId, '--others'], awsFlags(options));
  const lag = user === undefined ? 'CloudTrail takes minutes to record a session. ' : '';
  return new EcshError('session-of-others', message, {
    hint: `${lag}End it all the same, and what runs in it:  ${command}`,
    exitCode: 1,
  });
}

function notFound(message: string, options: EndOptions): EcshError {
  return new EcshError('no-such-session', message, {
    hint: `List those that are open:  ${ecshCommand(['sessions'], awsFlags(options))}`,
    exitCode: 1,
  });
}
