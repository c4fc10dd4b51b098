import type { KeyRequest, SessionType } from './handshake.ts';

/** Why a channel cannot continue; `message` is for people, `reason` for programs. */
export type ChannelFailure = {
  readonly reason: 'unanswered' | 'gap' | 'handshake' | 'encryption';
  readonly message: string;
};

export type ChannelEvent =
  /** The session type, if the client leaves the choice to the agent (`SessionKind` `any`). */
  | { readonly type: 'session-type'; readonly sessionType: SessionType }
  /** Input may be sent from now on (S-2). */
  | { readonly type: 'input-ready' }
  /** All data passed to `sendInput` has been sent: there is room for more (S-11). */
  | { readonly type: 'input-drained' }
  /** The agent wants encryption: fetch a data key and call `provideKey` within 10 s (S-3). */
  | { readonly type: 'key-needed'; readonly request: KeyRequest }
  | { readonly type: 'output'; readonly data: Uint8Array; readonly stream: 'stdout' | 'stderr' }
  /** Port sessions only: the agent has consumed all input, so it is ready for more. */
  | { readonly type: 'input-taken' }
  /** Port sessions only (PROTOCOL 3.6). */
  | { readonly type: 'flag'; readonly flag: number }
  | { readonly type: 'exit-code'; readonly exitCode: number }
  /** Text of the service or the cluster's owner for the user (M-6). */
  | { readonly type: 'notice'; readonly text: string }
  /** The session is over. `output` is empty after a normal end (M-3). */
  | {
      readonly type: 'closed';
      readonly output: string;
      readonly isComplete: boolean;
      /** Anyone may have written `output`: the session had to be encrypted and was not. */
      readonly isUnverified?: true;
    }
  | { readonly type: 'failed'; readonly failure: ChannelFailure }
  /** For the debug log: an ignored frame, an unknown type (F-13). */
  | { readonly type: 'ignored'; readonly what: string };
