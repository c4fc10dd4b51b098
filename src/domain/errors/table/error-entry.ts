/** One kind of failure, as docs/errors.md and `ecsh help CODE` describe it. */
export interface ErrorEntry {
  readonly cause: string;
  /** How to fix it, or the next command to type. */
  readonly remedy: string;
  /** The command line or a setting is wrong: status 2, unless the command exits with a remote status. */
  readonly isUsage?: true;
}
