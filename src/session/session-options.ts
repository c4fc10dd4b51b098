import type { SessionsApi } from '#domain/ports/doctor-ports.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { KmsApi, SessionGuard, SsmApi } from '#domain/ports/session-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { OpenTransport } from '#domain/ports/transport-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import type { SessionKind } from '#protocol/handshake.ts';
import type { ChannelSize } from '#protocol/payload.ts';
import type { RetryPolicy } from './retry.ts';
import type { CancellationSignals } from './stop.ts';

/** The outside world as sessions need it; adapters load when a function is first called. */
export interface SessionPorts {
  readonly clock: Clock;
  readonly ecs: () => Promise<EcsApi>;
  readonly ssm: () => Promise<SsmApi>;
  readonly kms: () => Promise<KmsApi>;
  /** DescribeSessions: the sessions in a container that does not answer. */
  readonly sessions?: (() => Promise<SessionsApi>) | undefined;
  readonly openTransport: OpenTransport;
  /** Throws if this process lacks file descriptors for a session. */
  readonly requireDescriptors?: (() => void) | undefined;
  /** Loads the code that opens a session, during the call that starts it. */
  readonly prepareSession?: (() => void) | undefined;
  /** Optional. Without it, sessions outlive a process that is killed. */
  readonly guard: SessionGuard | undefined;
  /** Called at each step of a session. */
  readonly onPhase?: ((phase: string) => void) | undefined;
}

/** The target of a session, and how to connect to it. */
export interface SessionPlace {
  readonly target: ReadyTarget;
  /** Undefined: a port session, without a terminal. */
  readonly size: ChannelSize | undefined;
  readonly cancellation: CancellationSignals;
  readonly link: LinkOptions;
  /** The caller repeats lost input, so it can be sent while a handshake is still possible (S-2). */
  readonly repeatsInput?: boolean | undefined;
}

/** The ports that a session needs once it has been started. */
export type AdoptingPorts = Omit<SessionPorts, 'ecs' | 'requireDescriptors' | 'prepareSession'>;

/** A session that AWS has started, for this program or for another one, and how to connect to it. */
export interface AdoptedPlace extends Omit<SessionPlace, 'target'> {
  /** PROTOCOL 1.3; for the encryption context. */
  readonly targetId: string;
  /** Undefined: accept the agent's KMS key, like the real plugin. */
  readonly clusterArn?: string | undefined;
  /** By default a port without a size, and a shell with one. */
  readonly kind?: SessionKind | undefined;
}

export interface RemoteCommand extends SessionPlace {
  readonly argv: readonly string[];
  readonly retryPolicy: RetryPolicy;
}

/** Settings of every session's connection. */
export interface LinkOptions {
  /** The cluster's KMS key: sessions must be encrypted with it. Undefined: none, or not known. */
  readonly clusterKeyId: string | undefined;
  /** ECS has reported that the cluster has no KMS key. */
  readonly isWithoutKey?: boolean | undefined;
  /** Also accept a key of another account or region if the cluster's key is not known. */
  readonly allowsForeignKey: boolean;
  /** How long to keep trying to resume a lost connection (S-15); milliseconds. */
  readonly resumeLimitMs: number;
  /** Send a message that counts against the idle limit after this much silence (ms); undefined: never. */
  readonly keepAliveMs: number | undefined;
  /** Report when ECS stops the task. */
  readonly watchesTask: boolean;
}
