/** Returns the result of the work, or undefined if the signal aborts first. A later failure is ignored. */
export async function unlessAborted<T>(
  signal: AbortSignal,
  work: Promise<T>,
): Promise<T | undefined> {
  let forget: () => void = () => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    const end = () => resolve(undefined);
    if (signal.aborted) end();
    signal.addEventListener('abort', end);
    forget = () => signal.removeEventListener('abort', end);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    forget();
    work.catch(() => undefined);
  }
}
