interface Page {
  readonly items: readonly string[] | undefined;
  readonly nextToken: string | undefined;
}

/** Every item of a paged list. */
export async function allPages(
  fetchPage: (nextToken: string | undefined) => Promise<Page>,
): Promise<readonly string[]> {
  const items: string[] = [];
  let token: string | undefined;
  do {
    const page = await fetchPage(token);
    items.push(...(page.items ?? []));
    token = page.nextToken;
  } while (token !== undefined && token !== '');
  return items;
}
