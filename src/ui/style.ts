import { Chalk } from 'chalk';

export type StyleName = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** Puts text into a style. */
export type Style = (name: StyleName | 'green' | 'yellow', text: string) => string;

/** Styles, or none: whether there is color is our own decision, not chalk's. */
export function createStyle(hasColor: boolean): Style {
  const chalk = new Chalk({ level: hasColor ? 1 : 0 });
  return (name, text) => chalk[name](text);
}
