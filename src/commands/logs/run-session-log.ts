import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { awsPorts } from '#commands/target-request.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { findSessionLog, type SessionLogPorts } from '#logs/session-log.ts';
import { readTranscript } from '#logs/session-transcript.ts';
import type { TranscriptPart } from '#logs/transcript-part.ts';
import { namedSession } from '#session-list/named-session.ts';
import { plainText, styledText } from '#ui/plain-text.ts';
import type { Reporter } from '#ui/reporter.ts';

export interface SessionLogOptions extends SharedOptions {
  readonly session: string;
  /** Print the log unchanged. */
  readonly raw?: true | undefined;
}

/** Prints the log of a session of ECS Exec. @throws EcshError of `findSessionLog` */
export async function runSessionLog(
  app: App,
  reporter: Reporter,
  options: SessionLogOptions,
): Promise<number> {
  const { raw, json } = options;
  const aws = awsPorts(app, options, undefined, traceAws(reporter));
  const session = await wholeId(aws, app, options.session);
  const { text, place } = await findSessionLog(await portsOf(aws), {
    ...{ session, cluster: options.cluster },
    flags: awsFlags(options),
  });
  reporter.notice(`Session ${session}, from ${place}.`);
  if (raw) {
    app.stdout.write(text);
    return ExitStatus.ok;
  }
  for (const part of readTranscript(text)) {
    if (json) writeJsonLine(app.stdout, { session, ...part });
    else app.stdout.write(shown(part, app.stdout.isTTY === true));
  }
  return ExitStatus.ok;
}

/** As many days as Session Manager keeps sessions (ms). */
const HISTORY_MS = 30 * 86_400_000;

/** The id of a session that is named by it, by its random part, or by the start of that, as `ecsh sessions` has it. */
async function wholeId(aws: AwsPorts, { clock }: App, session: string): Promise<string> {
  if (/^[0-9a-z]{26}$/.test(session)) return `ecs-execute-command-${session}`;
  if (!/^[0-9a-z]{1,25}$/.test(session)) return session;
  const { listSessions } = await aws.doctor.sessions();
  const after = new Date(clock.now() - HISTORY_MS);
  const known = await listSessions({ state: 'History', after });
  const ids = known.flatMap(({ SessionId: sessionId }) =>
    sessionId === undefined ? [] : [{ sessionId }],
  );
  return namedSession(ids, session)?.sessionId ?? session;
}

async function portsOf(aws: AwsPorts): Promise<SessionLogPorts> {
  const [ecs, details, sessions] = await Promise.all([
    aws.ecs(),
    aws.doctor.ecs(),
    aws.sessionLogs(),
  ]);
  return {
    ecs,
    sessions,
    describeCluster: (cluster) => details.describeCluster(cluster),
    describeTaskDefinition: (arn) => details.describeTaskDefinition(arn),
    logEvents: aws.logEvents,
  };
}

/** Lines that begin with `#` are ours. */
function shown(part: TranscriptPart, keepsColor: boolean): string {
  switch (part.kind) {
    case 'command':
      return `# ${plainText(part.command)}\n`;
    case 'status':
      return `# exit status ${part.status}\n`;
    case 'output': {
      const safe = keepsColor ? styledText : plainText;
      return withoutReturns(part.text).split('\n').map(safe).join('\n');
    }
  }
}

/** A CR within a line overwrites it on a terminal, as progress bars do: the last text of the line stays. */
function withoutReturns(text: string): string {
  return text.replaceAll(/\r+(?=\n|$)/g, '').replaceAll(/[^\n]*\r/g, '');
}
