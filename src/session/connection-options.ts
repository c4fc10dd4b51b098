import type { KmsApi, SsmApi } from '#domain/ports/session-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { OpenTransport } from '#domain/ports/transport-ports.ts';
import type { SessionKind } from '#protocol/handshake.ts';
import type { ChannelSize } from '#protocol/payload.ts';
import type { KeyExpectation } from './session-key.ts';

export interface ConnectionOptions {
  readonly sessionId: string;
  readonly targetId: string;
  readonly url: string;
  readonly token: string;
  /** Undefined: a session of a port, without a terminal. */
  readonly size: ChannelSize | undefined;
  /** By default a port without a size, and a shell with one. */
  readonly kind?: SessionKind | undefined;
  /** The facts by which the session's KMS key is judged; undefined: any key will do. */
  readonly key: KeyExpectation | undefined;
  /** The caller repeats input that is lost, so it may be sent before a handshake is known not to come. */
  readonly repeatsInput?: boolean | undefined;
  /** ECS has said that the cluster has no KMS key. */
  readonly isWithoutKey?: boolean | undefined;
  /** How long to keep trying to resume a lost connection (ms). */
  readonly resumeLimitMs: number;
  /** Silence after which to send something that changes nothing (ms); undefined: never. */
  readonly keepAliveMs: number | undefined;
  readonly clock: Clock;
  readonly openTransport: OpenTransport;
  readonly ssm: () => Promise<Pick<SsmApi, 'resumeSession'>>;
  readonly kms: () => Promise<KmsApi>;
  readonly signal: AbortSignal;
  readonly onPhase?: ((phase: string) => void) | undefined;
}
