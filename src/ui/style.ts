import { styleText } from 'node:util';

/** Puts text into a style. */
export type Style = (name: 'bold' | 'dim' | 'red', text: string) => string;

/** Styles, or none: Node's own rules look at stdout, and we write to stderr. */
export function createStyle(hasColor: boolean): Style {
  return hasColor
    ? (name, text) => styleText(name, text, { validateStream: false })
    : (_name, text) => text;
}
