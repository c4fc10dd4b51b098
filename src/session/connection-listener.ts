import type { EcshError } from '#domain/errors/errors.ts';
import { labelledText } from '#domain/foreign-text.ts';
import type { ChannelEvent, ChannelFailure } from '#protocol/channel-event.ts';
import type { SessionType } from '#protocol/handshake.ts';

/** How a session ended, as far as the connection can tell. */
export type ConnectionEnd =
  /** The service closed it. `output` is the agent's last word, empty after an ordinary end (M-3). */
  | {
      readonly kind: 'closed';
      readonly output: string;
      readonly isComplete: boolean;
      /** `output` may be anyone's: the session had to be encrypted and was not. */
      readonly isUnverified?: boolean;
    }
  | { readonly kind: 'failed'; readonly failure: ChannelFailure; readonly error?: EcshError }
  /** `error` says why it could not be resumed; without one it was closed by us. */
  | { readonly kind: 'lost'; readonly reason: string; readonly error?: EcshError };

/** Receives what arrives in a session. */
export interface ConnectionListener {
  onOutput(data: Uint8Array, stream: 'stdout' | 'stderr'): void;
  /** The remote side takes input from now on (S-2). */
  onInputReady(): void;
  /** There is room for more input after there was none. */
  onInputDrained(): void;
  /** For the user, to be shown on stderr. */
  onNotice(text: string): void;
  /** The text of the cluster's owner or the agent for the user (M-6); `onNotice` gets it otherwise. */
  onCustomerMessage?(text: string): void;
  /** The session type that the agent named, in a session of kind `any`. */
  onSessionType?(sessionType: SessionType): void;
  /** Only from agents that report one (PROTOCOL 3.7). */
  onExitCode?(exitCode: number): void;
  onDebug(what: string): void;
  /** Port sessions only: all input has been consumed. */
  onInputTaken?(): void;
  /** Port sessions only (PROTOCOL 3.6). */
  onFlag?(flag: number): void;
}

/** Events that concern the listener alone; the connection acts on the others. */
type ListenerEvent = Exclude<ChannelEvent, { readonly type: 'key-needed' | 'closed' | 'failed' }>;

/** Calls the listener's function for an event. */
export function deliver(event: ListenerEvent, listener: ConnectionListener): void {
  switch (event.type) {
    case 'output':
      listener.onOutput(event.data, event.stream);
      return;
    case 'input-ready':
      listener.onInputReady();
      return;
    case 'input-drained':
      listener.onInputDrained();
      return;
    case 'session-type':
      listener.onSessionType?.(event.sessionType);
      return;
    case 'notice':
      if (listener.onCustomerMessage !== undefined) listener.onCustomerMessage(event.text);
      else listener.onNotice(labelledText('The agent says', event.text));
      return;
    case 'input-taken':
      listener.onInputTaken?.();
      return;
    case 'flag':
      listener.onFlag?.(event.flag);
      return;
    case 'exit-code':
      listener.onDebug(`agent reports exit code ${event.exitCode}`);
      listener.onExitCode?.(event.exitCode);
      return;
    case 'ignored':
      listener.onDebug(`ignored: ${event.what}`);
  }
}
