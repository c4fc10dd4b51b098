import type { PortDestination } from '#domain/port-forward.ts';

/** Ports of a session: the calls of AWS, and the guard that ends the session if this process is killed. */

/** The `session` part of an ExecuteCommand answer and its owner (PROTOCOL 1.2). */
export interface ExecSession {
  readonly sessionId: string;
  readonly streamUrl: string;
  readonly tokenValue: string;
}

export interface PortSessionRequest extends PortDestination {
  /** PROTOCOL 1.3. */
  readonly targetId: string;
  /** For messages, and to explain a task that is not connected (O-2). */
  readonly cluster: string;
  readonly task: string;
  readonly service?: string | undefined;
  readonly taskStartedAt?: Date | undefined;
}

export interface SsmApi {
  /** A session that forwards connections to a port (PROTOCOL 7.1). */
  startPortSession(request: PortSessionRequest): Promise<ExecSession>;
  terminateSession(sessionId: string): Promise<void>;
  /** The new address of a session whose connection was lost; undefined if the session is over (S-16). */
  resumeSession(
    sessionId: string,
  ): Promise<Pick<ExecSession, 'streamUrl' | 'tokenValue'> | undefined>;
}

/**
 * Ensures that sessions end if this process is killed, which nothing in it can do: AWS would keep them for a
 * connection that may come back (S-15).
 */
export interface SessionGuard {
  /** Starts the watcher, which takes a moment; `watch` does so too. */
  prepare(): void;
  /**
   * @param onFailure called with the reason if nothing can watch
   * @returns the function that removes the session from the list, because it has ended
   */
  watch(sessionId: string, onFailure: (reason: string) => void): () => void;
}

export interface DataKeyRequest {
  /** Key ARN, or an id in the session's region (K-2). */
  readonly keyId: string;
  readonly encryptionContext: Readonly<Record<string, string>>;
}

export interface DataKey {
  /** ARN of the KMS key that encrypts it, from the answer of KMS. */
  readonly keyId?: string | undefined;
  /** 64 bytes; the caller wipes them. */
  readonly plaintext: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export interface KmsApi {
  generateDataKey(request: DataKeyRequest): Promise<DataKey>;
}
