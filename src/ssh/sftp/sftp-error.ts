import { Status } from './sftp-packets.ts';

/** A failed request, with its SFTP status. */
export class SftpError extends Error {
  override readonly name = 'SftpError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const REASONS: readonly { readonly pattern: RegExp; readonly status: number }[] = [
  {
    pattern:
      /No such file|nonexistent|can't (?:stat|cd)|Not a directory|Too many levels|Symbolic link loop/i,
    status: Status.noSuchFile,
  },
  {
    pattern: /Permission denied|not permitted|Read-only file system/i,
    status: Status.permissionDenied,
  },
  // Source: OpenSSH sftp-server.c, errno_to_portable.
  { pattern: /name too long|Invalid argument/i, status: Status.badMessage },
];

/** Finds the status for the error message of a tool in the container, which runs in the C locale. */
export function failureOf(stderr: string): SftpError {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  // The client names the path itself: keep only the reason.
  const reason = line.replace(/^.*: /, '') || 'Failure';
  const status = REASONS.find(({ pattern }) => pattern.test(line))?.status ?? Status.failure;
  return new SftpError(status, reason);
}
