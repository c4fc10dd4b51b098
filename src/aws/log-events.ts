import {
  CloudWatchLogsClient,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  type OutputLogEvent,
} from '@aws-sdk/client-cloudwatch-logs';
import type { LogEvent, LogEventsApi } from '#domain/ports/log-ports.ts';
import type { AwsConfig } from './config.ts';
import type { AwsIdentity } from './identity.ts';
import { createAccess, unlessMissing } from './service-access.ts';

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
  const client = new CloudWatchLogsClient(settings);
  return {
    async *filter({ group, streams, from, until, pattern }) {
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
        // A token that comes back unchanged leads nowhere.
        nextToken = answer.nextToken === nextToken ? undefined : answer.nextToken;
      } while (nextToken !== undefined);
    },
    async latest({ group, stream, from, until }, limit) {
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
    },
  };
}

function eventOf(event: FilteredLogEvent | OutputLogEvent, stream: string): LogEvent {
  const { timestamp = 0, message = '' } = event;
  const id = 'eventId' in event ? event.eventId : undefined;
  return { id: id ?? '', stream, timestamp, message };
}
