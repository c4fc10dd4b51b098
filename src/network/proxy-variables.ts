export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether any request could go through a proxy; if not, nothing in this folder has to be loaded. */
export function namesProxy(env: Environment): boolean {
  return ['https_proxy', 'http_proxy', 'all_proxy'].some(
    (name) => readProxyVariable(env, name) !== undefined,
  );
}

/**
 * A variable and its value.
 *
 * @param lower its name in lower case, which takes precedence over upper case
 */
export function readProxyVariable(
  env: Environment,
  lower: string,
): { name: string; value: string } | undefined {
  for (const name of [lower, lower.toUpperCase()]) {
    const value = env[name]?.trim();
    if (value !== undefined && value !== '') return { name, value };
  }
  return undefined;
}
