import type { EcshError } from '#domain/errors/errors.ts';
import { labelledText } from '#domain/foreign-text.ts';
import type { ChannelEvent, ChannelFailure } from '#protocol/channel-event.ts';
import type { SessionType } from '#protocol/handshake.ts';

/** How a session ended, as far as the connection can tell. */
export type ConnectionEnd =
  /** The service closed it. `output` is the agent's final message, empty after a normal end (M-3). */
  | {
      readonly kind: 'closed';
      readonly output: string;
      readonly isComplete: boolean;
      /** Anyone may have written `output`: the session had to be encrypted and was not. */
      readonly isUnverified?: boolean;
    }
  | { readonly kind: 'failed'; readonly failure: ChannelFailure; readonly error?: EcshError }
  /** `error` says why it could not be resumed; without it, we closed it. */
  | { readonly kind: 'lost'; readonly reason: string; readonly error?: EcshError };

/** Receives the events of a session. */
export interface ConnectionListener {
  onOutput(data: Uint8Array, stream: 'stdout' | 'stderr'): void;
  /** The remote side accepts input from now on (S-2). */
  onInputReady(): void;
  /** There is room for more input after there was none. */
  onInputDrained(): void;
  /** A message for the user on stderr. */
  onNotice(text: string): void;
  /** The message of the cluster's owner or the agent for the user (M-6); by default it goes to `onNotice`. */
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

/** Events for the listener only; the connection acts on the others. */
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
