import type { Readable, Writable } from 'node:stream';
import type { EcshError } from '#domain/errors/errors.ts';

/** A session that runs any number of commands at once (`#shared/shared-session.ts`). */
export interface CommandSession {
  start(
    argv: readonly string[],
    options: TunnelCommandOptions,
  ): { readonly ended: Promise<CommandEnd> };
  close(): Promise<void>;
}

export interface TunnelCommandOptions {
  readonly stdin?: Readable | undefined;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Ends the command. */
  readonly signal?: AbortSignal | undefined;
  readonly killAfterMs?: number | undefined;
}

export interface CommandEnd {
  /** Undefined if it is not known: `failure` says why. */
  readonly status: number | undefined;
  readonly failure: EcshError | undefined;
  readonly sessionId: string | undefined;
}
