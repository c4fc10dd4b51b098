/** A closed terminal (EIO) fails again when its mode is restored, after the listeners were removed. */
export function openStdin(): typeof process.stdin {
  const { stdin } = process;
  if (stdin.listenerCount('error') === 0) stdin.on('error', () => undefined);
  return stdin;
}
