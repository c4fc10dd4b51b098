import type { SessionRecording } from '#simulator/agent/terminal-plugin.ts';
import type { FleetCluster } from '#simulator/fleet/fleet.ts';
import type { TargetPlace } from '#simulator/fleet/inventory.ts';
import type { Buckets } from './buckets.ts';
import { logDestinationOf } from './container-log.ts';
import type { SimulatedLogGroups } from './log-groups.ts';
import type { LogStore } from './log-store.ts';

/** The longest message that the agent sends; it splits at line ends (agent, cloudwatchlogsservice.go). */
const MESSAGE_LENGTH = 200_000;
/** Maximum output kept for a session's log, in bytes; the log lacks the rest. */
const MAX_BYTES = 16 * 1024 * 1024;

interface RecordingServices {
  readonly region: string;
  readonly groups: SimulatedLogGroups;
  readonly buckets: Buckets;
  readonly logs: LogStore;
  readonly now: () => number;
}

/** Undefined if the session is not logged. */
export function recordSession(
  place: TargetPlace,
  sessionId: string,
  services: RecordingServices,
): SessionRecording | undefined {
  const { group, bucket } = destinationsOf(place, services);
  if (group === undefined && bucket === undefined) return undefined;
  const startedAt = services.now();
  const chunks: Uint8Array[] = [];
  let length = 0;
  return {
    add(chunk) {
      length += chunk.length;
      if (length <= MAX_BYTES) chunks.push(chunk);
    },
    write() {
      const { groups, buckets, logs, now } = services;
      const output = Buffer.concat(chunks).toString();
      const transcript = asScriptWrites(output, [startedAt, now()]);
      if (bucket !== undefined) buckets.putObject(bucket, `${sessionId}.log`, transcript);
      if (group === undefined || groups.find(group) === undefined) return;
      for (const message of messagesOf(transcript)) logs.append(group, sessionId, message, now());
    },
  };
}

interface Destinations {
  readonly group: string | undefined;
  /** The bucket name, and the key prefix. */
  readonly bucket: { readonly name: string; readonly prefix: string } | undefined;
}

function destinationsOf(
  place: TargetPlace,
  services: Pick<RecordingServices, 'region'>,
): Destinations {
  const { logging = 'DEFAULT', logConfiguration = {} }: FleetCluster = place.cluster;
  switch (logging) {
    case 'NONE':
      return { group: undefined, bucket: undefined };
    case 'OVERRIDE': {
      const { cloudWatchLogGroupName, s3BucketName, s3KeyPrefix } = logConfiguration;
      const name = textOf(s3BucketName);
      return {
        group: textOf(cloudWatchLogGroupName),
        bucket: name === undefined ? undefined : { name, prefix: textOf(s3KeyPrefix) ?? '' },
      };
    }
    default:
      // UNVERIFIED: that the stream has the name of the session here too. To check, open a session in
      // a cluster without a logging configuration and list the streams of the container's log group.
      return {
        group: logDestinationOf(services, place.cluster, place)?.group,
        bucket: undefined,
      };
  }
}

/** The agent runs `script FILE -c "cat RECORDING"`, and the terminal of `script` puts a CR before each NL. */
function asScriptWrites(output: string, [start, end]: readonly [number, number]): string {
  const time = (at: number) =>
    new Date(at).toISOString().replace('T', ' ').replace(/\..*/, '+00:00');
  const command = '[COMMAND="cat ipcTempFile.log" <not executed on terminal>]';
  const body = output.replaceAll('\n', '\r\n');
  return `Script started on ${time(start)} ${command}\n${body}\nScript done on ${time(end)} [COMMAND_EXIT_CODE="0"]\n`;
}

/** Splits the transcript into messages of whole lines. Lines end with NL, except the last one of a message. */
function messagesOf(transcript: string): readonly string[] {
  const messages: string[] = [];
  let message = '';
  for (const line of transcript.replaceAll('\r\n', '\n').split(/(?<=\n)/)) {
    if (message !== '' && message.length + line.length > MESSAGE_LENGTH) {
      messages.push(message);
      message = '';
    }
    message += line;
  }
  return [...messages, message].map((text) => text.replace(/\n$/, ''));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
