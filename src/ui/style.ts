import { Chalk } from 'chalk';

/** Puts text into a style. */
export type Style = (name: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string) => string;

/** Styles, or none: chalk's own rules look at stdout, and we write to stderr. */
export function createStyle(hasColor: boolean): Style {
  const chalk = new Chalk({ level: hasColor ? 1 : 0 });
  return (name, text) => chalk[name](text);
}
