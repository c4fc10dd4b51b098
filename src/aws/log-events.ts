import {
  CloudWatchLogsClient,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  type LiveTailSessionLogEvent,
  type OutputLogEvent,
  StartLiveTailCommand,
  type StartLiveTailCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { EcshError } from '#domain/errors/errors.ts';
import { boundedText } from '#domain/foreign-text.ts';
import type {
  LiveTailQuery,
  LiveTailUpdate,
  LogEvent,
  LogEventsApi,
  LogQuery,
} from '#domain/ports/log-ports.ts';
import { withCheckedAnswers } from './call/checked-answers.ts';
import type { AwsConfig } from './call/config.ts';
import type { AwsIdentity } from './call/identity.ts';
import { hasOwnEndpoint } from './call/own-endpoint.ts';
import { createAccess, type ServiceAccess, unlessMissing } from './call/service-access.ts';

const MISSING = ['ResourceNotFoundException'];

/**
 * `LogEventsApi` over the AWS SDK.
 *
 * @param region of the log group, if it is not the region of the task
 */
export function createLogEvents(
  config: AwsConfig,
  identity: AwsIdentity,
  region?: string,
): LogEventsApi {
  const there = region === undefined ? identity : { ...identity, region: async () => region };
  const { settings, call } = createAccess(config, there);
  const client = withCheckedAnswers(new CloudWatchLogsClient(settings));
  return {
    filter: (query) => filterEvents({ client, call }, query),
    latest: (query, limit) => latestEvents({ client, call }, query, limit),
    async *live(query, signal) {
      // AWS answers this operation at streaming-logs.REGION.amazonaws.com. A custom endpoint
      // has no such name. UNVERIFIED for VPC endpoints: try --live through one.
      const disableHostPrefix = await hasOwnEndpoint(config);
      const tail = withCheckedAnswers(new CloudWatchLogsClient({ ...settings, disableHostPrefix }));
      try {
        yield* readLiveTail(query, signal, (command) =>
          call('logs:StartLiveTail', () => tail.send(command, { abortSignal: signal })),
        );
      } finally {
        tail.destroy();
      }
    },
  };
}

interface LogsConnection extends Pick<ServiceAccess, 'call'> {
  readonly client: CloudWatchLogsClient;
}

async function* filterEvents(
  { client, call }: LogsConnection,
  { group, streams, from, until, pattern }: LogQuery,
): AsyncGenerator<readonly LogEvent[] | undefined> {
  let nextToken: string | undefined;
  do {
    const command = new FilterLogEventsCommand({
      logGroupName: group,
      logStreamNames: [...streams],
      startTime: from,
      endTime: until,
      filterPattern: pattern,
      nextToken,
    });
    const answer = await call('logs:FilterLogEvents', () =>
      unlessMissing(MISSING, () => client.send(command)),
    );
    if (answer === undefined) {
      yield undefined;
      return;
    }
    yield (answer.events ?? []).map((event) => eventOf(event, event.logStreamName ?? ''));
    // An unchanged token would return the same page forever.
    nextToken = answer.nextToken === nextToken ? undefined : answer.nextToken;
  } while (nextToken !== undefined);
}

async function latestEvents(
  { client, call }: LogsConnection,
  { group, stream, from, until }: Parameters<LogEventsApi['latest']>[0],
  limit: number,
): Promise<readonly LogEvent[]> {
  const command = new GetLogEventsCommand({
    logGroupName: group,
    logStreamName: stream,
    startTime: from,
    endTime: until,
    limit,
  });
  const answer = await call('logs:GetLogEvents', () =>
    unlessMissing(MISSING, () => client.send(command)),
  );
  return (answer?.events ?? []).map((event) => eventOf(event, stream));
}

async function* readLiveTail(
  { groups, streamPrefixes, pattern }: LiveTailQuery,
  signal: AbortSignal,
  send: (command: StartLiveTailCommand) => Promise<StartLiveTailCommandOutput>,
): AsyncGenerator<LiveTailUpdate> {
  const { responseStream } = await send(
    new StartLiveTailCommand({
      logGroupIdentifiers: [...groups],
      logStreamNamePrefixes: streamPrefixes.length === 0 ? undefined : [...streamPrefixes],
      logEventFilterPattern: pattern,
    }),
  );
  try {
    for await (const { sessionStart, sessionUpdate } of responseStream ?? []) {
      if (signal.aborted) return;
      if (sessionStart !== undefined) yield { events: [], isSampled: false };
      if (sessionUpdate === undefined) continue;
      const { sessionResults = [], sessionMetadata } = sessionUpdate;
      yield {
        events: sessionResults.map((event) => eventOf(event, event.logStreamName ?? '')),
        isSampled: sessionMetadata?.sampled === true,
      };
    }
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof EcshError ? error : liveTailEnded(error);
  }
}

function liveTailEnded(error: unknown): EcshError {
  const reason = error instanceof Error ? boundedText(error.message) : String(error);
  return new EcshError('live-tail-ended', `CloudWatch Logs ended Live Tail: ${reason}`, {
    hint: 'A session of Live Tail lasts three hours at most. Without --live, ecsh logs -f has no such end.',
    cause: error,
  });
}

function eventOf(
  event: FilteredLogEvent | OutputLogEvent | LiveTailSessionLogEvent,
  stream: string,
): LogEvent {
  const { timestamp = 0, message = '' } = event;
  const id = 'eventId' in event ? event.eventId : undefined;
  // The SDK does not validate the events of a stream, and not every number is a valid time.
  if (typeof message !== 'string' || Number.isNaN(new Date(timestamp).getTime())) {
    throw new EcshError('answer-unreadable', 'CloudWatch Logs sent an event that is not valid.', {
      hint: 'Check --endpoint-url and the proxy: this does not look like AWS.',
    });
  }
  return { id: id ?? '', stream, timestamp, message };
}
