import type { PortDestination } from '#domain/port-forward.ts';

/** The reasons for a failed connection that proxy protocols can express. */
export type Refusal = 'refused' | 'unreachable' | 'unknown-host' | 'timed-out' | 'failed';

/** The next step of a proxy protocol, given the bytes so far. */
export type HandshakeStep =
  | { readonly type: 'more' }
  /** An answer before the request; the client continues after it. */
  | { readonly type: 'answer'; readonly bytes: Uint8Array; readonly used: number }
  | {
      readonly type: 'connect';
      readonly destination: PortDestination;
      readonly used: number;
      readonly accepted: Uint8Array;
      readonly refused: (why: Refusal) => Uint8Array;
    }
  /** The client is refused with the answer `bytes`. */
  | { readonly type: 'reject'; readonly bytes: Uint8Array; readonly problem: string };
