import { ApiError } from '#simulator/api/api-error.ts';

type Matches = (message: string) => boolean;

/** A word, a quoted phrase or a %regular expression%, with a leading `-` or `?`. */
const TERM = /[-?]?(?:"(?:[^"\\]|\\.)*"|%[^%]*%|[^\s"]+)/g;
const JSON_TEST = /^\{\s*\$\.([\w.]+)\s*(=|!=)\s*"?([^"}]*?)"?\s*\}$/;

/**
 * Compiles a CloudWatch Logs filter pattern: required terms, `?term` of which one is required, `-term` that must be
 * absent, and one comparison of a JSON field.
 *
 * @throws ApiError `InvalidParameterException` for unsupported syntax
 */
export function compilePattern(pattern: string): Matches {
  const text = pattern.trim();
  if (text.startsWith('{') || text.startsWith('[')) return compileStructure(text);
  const terms = text.match(TERM) ?? [];
  const optional = terms
    .filter((term) => term.startsWith('?'))
    .map((term) => matcher(term.slice(1)));
  const excluded = terms
    .filter((term) => term.startsWith('-'))
    .map((term) => matcher(term.slice(1)));
  const required = terms.filter((term) => !/^[-?]/.test(term)).map(matcher);
  return (message) =>
    required.every((matches) => matches(message)) &&
    !excluded.some((matches) => matches(message)) &&
    (optional.length === 0 || required.length > 0 || optional.some((matches) => matches(message)));
}

function matcher(term: string): Matches {
  if (term.startsWith('%') && term.endsWith('%') && term.length > 1) {
    const expression = new RegExp(term.slice(1, -1));
    return (message) => expression.test(message);
  }
  const phrase = /^"(.*)"$/s.exec(term)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? term;
  return (message) => message.includes(phrase);
}

function compileStructure(text: string): Matches {
  const [, path = '', operator, wanted = ''] = JSON_TEST.exec(text) ?? [];
  if (operator === undefined) {
    throw new ApiError(
      'InvalidParameterException',
      'Invalid filter pattern, or one that the simulator does not know.',
    );
  }
  return (message) => {
    const value = fieldOf(message, path.split('.'));
    if (value === undefined) return false;
    return (String(value) === wanted) === (operator === '=');
  };
}

function fieldOf(message: string, path: readonly string[]): unknown {
  try {
    const value: unknown = JSON.parse(message);
    return path.reduce((object, name): unknown => Reflect.get(Object(object), name), value);
  } catch {
    return undefined;
  }
}
