/** One event of CloudWatch Logs. */
export interface LogEvent {
  /** Unique within the log group. Empty from `latest`, where AWS returns none. */
  readonly id: string;
  readonly stream: string;
  /** Milliseconds since the epoch, set by the writer. */
  readonly timestamp: number;
  readonly message: string;
}

export interface LogQuery {
  readonly group: string;
  /** At most 100 names (CloudWatch Logs API, FilterLogEvents). */
  readonly streams: readonly string[];
  /** Milliseconds since the epoch, inclusive. */
  readonly from?: number | undefined;
  /** Milliseconds since the epoch, exclusive. */
  readonly until?: number | undefined;
  /** A filter pattern of CloudWatch Logs. */
  readonly pattern?: string | undefined;
}

export interface LiveTailQuery {
  /** ARNs of at most 10 log groups. */
  readonly groups: readonly string[];
  /** Beginnings of stream names; only with a single group. Empty: all streams. */
  readonly streamPrefixes: readonly string[];
  /** A filter pattern of CloudWatch Logs. */
  readonly pattern?: string | undefined;
}

/** The events of one second. */
export interface LiveTailUpdate {
  /** Without ids. */
  readonly events: readonly LogEvent[];
  /** More events arrived than one update can contain: `events` is a sample. */
  readonly isSampled: boolean;
}

/** Reads log events in one region. A caller without permission gets EcshError `access-denied`. */
export interface LogEventsApi {
  /** The events page by page, oldest first. Yields undefined if a stream, or the group, does not exist. */
  filter(query: LogQuery): AsyncIterable<readonly LogEvent[] | undefined>;
  /** The last `limit` events of a stream, oldest first; empty if the stream does not exist. */
  latest(
    query: Pick<LogQuery, 'group' | 'from' | 'until'> & { readonly stream: string },
    limit: number,
  ): Promise<readonly LogEvent[]>;
  /**
   * The events after the first, empty update, until `signal` aborts or AWS ends it.
   * AWS charges for each minute.
   *
   * @throws EcshError `live-tail-ended` if AWS ends it with an error
   */
  live(query: LiveTailQuery, signal: AbortSignal): AsyncIterable<LiveTailUpdate>;
}

/** Finds the logs of ECS Exec sessions. A caller without permission gets EcshError `access-denied`. */
export interface SessionLogsApi {
  /** `ecs:CLUSTER_TASK_RUNTIMEID` (PROTOCOL 1.3) of a session; undefined if AWS does not know it (any more). */
  targetOf(sessionId: string): Promise<string | undefined>;
  /** The text of an S3 object; undefined if there is no such object or bucket. */
  readObject(bucket: string, key: string): Promise<string | undefined>;
}
