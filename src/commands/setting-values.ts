import { InvalidArgumentError } from 'commander';
import { parseDuration } from './durations.ts';

/** The values that a setting accepts. */
export interface Values {
  /** The accepted values, to follow the word "Give". */
  readonly allowed: string;
  readonly choices?: readonly string[];
  readonly isSwitch?: boolean;
  /** @throws InvalidArgumentError */
  parse(text: string): unknown;
}

export const TEXT = matching('a value', (text) => text !== '');

export const ENDPOINT = matching(
  'a URL such as http://127.0.0.1:8080',
  (text) => /^https?:/i.test(text) && URL.canParse(text),
);

/** It becomes a part of host names. */
export const REGION = matching('a region such as eu-west-1', (text) =>
  /^[a-z\d-]{1,63}$/i.test(text),
);

export const SWITCH: Values = {
  allowed: 'true or false',
  isSwitch: true,
  parse: isOn,
};

/** As a variable says it. */
export function isOn(text: string): boolean {
  return !['', '0', 'false', 'no', 'off'].includes(text.toLowerCase());
}

export const DURATION: Values = { allowed: 'a time such as 30s, 5m or 1h', parse: parseDuration };

export const RETRIES: Values = {
  allowed: 'a number from 0 to 999',
  parse(text) {
    if (/^\d{1,3}$/.test(text)) return Number(text);
    throw new InvalidArgumentError('Give a number from 0 to 999.');
  },
};

export const ESCAPE_KEY = matching(
  'one character, or none',
  (text) => text === 'none' || /^[\x21-\x7e]$/.test(text),
);

/** 1 and 0 mean on and off, as with every switch; anything else is the name of a file. */
export const DEBUG: Values = {
  allowed: '1, 0 or the name of a file',
  parse: (text) => (text === '1' ? true : text === '0' ? undefined : text),
};

export function oneOf(...choices: readonly string[]): Values {
  const allowed = `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
  return { ...matching(allowed, (text) => choices.includes(text)), choices };
}

/** Texts that stay as they are typed. */
function matching(allowed: string, isAllowed: (text: string) => boolean): Values {
  return {
    allowed,
    parse(text) {
      if (isAllowed(text)) return text;
      throw new InvalidArgumentError(`Give ${allowed}.`);
    },
  };
}

/** Why a text is no value; undefined when it is one. */
export function refusal({ parse }: Values, text: string): string | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error.message;
    throw error;
  }
}
