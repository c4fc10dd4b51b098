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
  /** Undefined: a port session, without a terminal. */
  readonly size: ChannelSize | undefined;
  /** By default a port without a size, and a shell with one. */
  readonly kind?: SessionKind | undefined;
  /** The facts for checking the session's KMS key; undefined: accept any key. */
  readonly key: KeyExpectation | undefined;
  /** The caller repeats lost input, so it can be sent while a handshake is still possible. */
  readonly repeatsInput?: boolean | undefined;
  /** ECS has reported that the cluster has no KMS key. */
  readonly isWithoutKey?: boolean | undefined;
  /** How long to keep trying to resume a lost connection (ms). */
  readonly resumeLimitMs: number;
  /** Send a message without effect after this much silence (ms); undefined: never. */
  readonly keepAliveMs: number | undefined;
  readonly clock: Clock;
  readonly openTransport: OpenTransport;
  readonly ssm: () => Promise<Pick<SsmApi, 'resumeSession'>>;
  readonly kms: () => Promise<KmsApi>;
  readonly signal: AbortSignal;
  readonly onPhase?: ((phase: string) => void) | undefined;
}
