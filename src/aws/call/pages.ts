import { EcshError } from '#domain/errors/errors.ts';

interface Page<T> {
  readonly items: readonly T[] | undefined;
  readonly nextToken: string | undefined;
}

/** Far more than an account has: ECS lists 100 tasks a page, and a service has at most 5,000. */
const MAX_PAGES = 1_000;
const MAX_ITEMS = 100_000;
/** Names and ARNs of one list together, in characters. */
const MAX_TEXT = 32 * 1024 * 1024;
const LONGEST_TOKEN = 8 * 1024;

/**
 * Returns every item of a paged list.
 *
 * @throws EcshError `answer-unreadable` for an endless list: too many pages, or a repeated
 *   token
 */
export async function allPages<T>(
  fetchPage: (nextToken: string | undefined) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  const tokens = new Set<string>();
  let text = 0;
  let token: string | undefined;
  do {
    const page = await fetchPage(token);
    for (const item of page.items ?? []) {
      items.push(item);
      if (typeof item === 'string') text += item.length;
    }
    token = page.nextToken;
    if (token === undefined || token === '') return items;
    if (tokens.has(token) || token.length > LONGEST_TOKEN)
      throw endless('AWS answered with a list that does not end.');
    tokens.add(token);
  } while (tokens.size < MAX_PAGES && items.length < MAX_ITEMS && text < MAX_TEXT);
  throw endless(`AWS answered with more than ${tokens.size} pages, ${items.length} items.`);
}

function endless(message: string): EcshError {
  return new EcshError('answer-unreadable', message, {
    hint: 'Check --endpoint-url and the proxy: this does not look like AWS.',
  });
}
