import type { Writable } from 'node:stream';

export type ColorChoice = 'auto' | 'always' | 'never';

export interface ColorContext {
  readonly color: ColorChoice;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
}

/** Whether our output is coloured: a flag wins over NO_COLOR, which wins over the terminal. */
export function usesColor({ color, env, stderr }: ColorContext): boolean {
  if (color !== 'auto') return color === 'always';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return stderr.isTTY === true && env.TERM !== 'dumb';
}
