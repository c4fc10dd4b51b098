import type { PortDestination } from '#domain/port-forward.ts';

/** Why a connection cannot be made, as proxy protocols tell it. */
export type Refusal = 'refused' | 'unreachable' | 'unknown-host' | 'timed-out' | 'failed';

/** What a proxy protocol makes of the bytes that it has so far. */
export type HandshakeStep =
  | { readonly type: 'more' }
  /** An answer that comes before the request: the client goes on after it. */
  | { readonly type: 'answer'; readonly bytes: Uint8Array; readonly used: number }
  | {
      readonly type: 'connect';
      readonly destination: PortDestination;
      readonly used: number;
      readonly accepted: Uint8Array;
      readonly refused: (why: Refusal) => Uint8Array;
    }
  /** The client is not served. `bytes` is what it is told. */
  | { readonly type: 'reject'; readonly bytes: Uint8Array; readonly problem: string };
