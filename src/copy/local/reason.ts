/** Extracts `permission denied` from `EACCES: permission denied, open '…'`: messages name the path themselves. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.replace(/^E[A-Z]+: |, \w+( '.*)?$/gs, '');
}

/** The code of a system error, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return hasCode ? String(error.code) : undefined;
}
