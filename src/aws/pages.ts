interface Page<T> {
  readonly items: readonly T[] | undefined;
  readonly nextToken: string | undefined;
}

/** Every item of a paged list; a token that comes back unchanged leads nowhere. */
export async function allPages<T>(
  fetchPage: (nextToken: string | undefined) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let token: string | undefined;
  do {
    const page = await fetchPage(token);
    items.push(...(page.items ?? []));
    if (page.nextToken === token) break;
    token = page.nextToken;
  } while (token !== undefined && token !== '');
  return items;
}
