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
  /** Throws where this process has no room for a session. */
  readonly requireDescriptors?: (() => void) | undefined;
  /** Loads what a session is opened with, while the call that starts it is under way. */
  readonly prepareSession?: (() => void) | undefined;
  /** Optional. Without it, sessions outlive a process that is killed. */
  readonly guard: SessionGuard | undefined;
  /** Called at each step that a session reaches. */
  readonly onPhase?: ((phase: string) => void) | undefined;
}

/** The target of a session, and how to connect to it. */
export interface SessionPlace {
  readonly target: ReadyTarget;
  /** Undefined: a session of a port, without a terminal. */
  readonly size: ChannelSize | undefined;
  readonly cancellation: CancellationSignals;
  readonly link: LinkOptions;
  /** The caller repeats input that is lost: it may be sent before a handshake is known not to come (S-2). */
  readonly repeatsInput?: boolean | undefined;
}

/** The ports that a session needs once it has been started. */
export type AdoptingPorts = Omit<SessionPorts, 'ecs' | 'requireDescriptors' | 'prepareSession'>;

/** A session that AWS has started, for this program or for another one, and how to connect to it. */
export interface AdoptedPlace extends Omit<SessionPlace, 'target'> {
  /** PROTOCOL 1.3; for the encryption context. */
  readonly targetId: string;
  /** Undefined: the agent's word for the KMS key is enough, as for the real plugin. */
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
  /** ECS has said that the cluster has no KMS key. */
  readonly isWithoutKey?: boolean | undefined;
  /** Where the cluster's key is not known, also accept a key of another account or region. */
  readonly allowsForeignKey: boolean;
  /** How long to keep trying to resume a lost connection (S-15); milliseconds. */
  readonly resumeLimitMs: number;
  /** Silence after which to send something that the idle limit counts; undefined: never. */
  readonly keepAliveMs: number | undefined;
  /** Report when ECS stops the task. */
  readonly watchesTask: boolean;
}
