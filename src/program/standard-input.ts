/** A terminal that is gone (EIO) fails again when its mode is restored, after listeners are gone. */
export function openStdin(): typeof process.stdin {
  const { stdin } = process;
  if (stdin.listenerCount('error') === 0) stdin.on('error', () => undefined);
  return stdin;
}
