import type { Writable } from 'node:stream';

export type ColorChoice = 'auto' | 'always' | 'never';

export interface ColorContext {
  readonly color: ColorChoice;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** Whether what we say is coloured: a flag goes before NO_COLOR, which goes before the terminal. */
export function usesColor({ color, env, stderr }: ColorContext): boolean {
  if (color !== 'auto') return color === 'always';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return stderr.isTTY === true && env.TERM !== 'dumb';
}
