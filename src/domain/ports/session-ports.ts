import type { PortDestination } from '#domain/port-forward.ts';

/** Ports of a session: AWS's calls, and the guard that ends the session if this process is killed. */

/** The `session` part of an ExecuteCommand answer and what it belongs to (PROTOCOL 1.2). */
export interface ExecSession {
  readonly sessionId: string;
  readonly streamUrl: string;
  readonly tokenValue: string;
}

export interface PortSessionRequest extends PortDestination {
  /** PROTOCOL 1.3. */
  readonly targetId: string;
  /** For messages, and to judge a task that is not connected (O-2). */
  readonly cluster: string;
  readonly task: string;
  readonly service?: string | undefined;
  readonly taskStartedAt?: Date | undefined;
}

export interface SsmApi {
  /** A session that forwards connections to a port (PROTOCOL 7.1). */
  startPortSession(request: PortSessionRequest): Promise<ExecSession>;
  terminateSession(sessionId: string): Promise<void>;
  /** A new way into a session whose connection was lost; undefined when the session is over (S-16). */
  resumeSession(
    sessionId: string,
  ): Promise<Pick<ExecSession, 'streamUrl' | 'tokenValue'> | undefined>;
}

/**
 * Sees to it that sessions end when this process is killed outright, which nothing in it can do: the
 * service would keep them for a connection that may come back (S-15).
 */
export interface SessionGuard {
  /** Starts the watcher, which takes a moment; `watch` does so too. */
  prepare(): void;
  /**
   * @param onFailure called with the reason where nothing can watch
   * @returns the function that takes the session off the list: it has ended
   */
  watch(sessionId: string, onFailure: (reason: string) => void): () => void;
}

export interface DataKeyRequest {
  /** Key ARN, or an id in the session's region (K-2). */
  readonly keyId: string;
  readonly encryptionContext: Readonly<Record<string, string>>;
}

export interface DataKey {
  /** ARN of the KMS key that it was made under, as KMS answers. */
  readonly keyId?: string | undefined;
  /** 64 bytes; the caller wipes them. */
  readonly plaintext: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export interface KmsApi {
  generateDataKey(request: DataKeyRequest): Promise<DataKey>;
}
