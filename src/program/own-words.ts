/** The command that starts this program again. */
export function ownWords(): readonly string[] {
  const { execPath, execArgv } = process;
  const [, script = execPath] = process.argv;
  // A single executable is its own script.
  return isSingleExecutable() ? [execPath] : [execPath, ...execArgv, script];
}

/** Deno and Bun lack the module. */
function isSingleExecutable(): boolean {
  return process.getBuiltinModule?.('node:sea')?.isSea() ?? false;
}
