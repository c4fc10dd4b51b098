import { describe, expect, it } from 'vitest';
import { allPages } from '#aws/call/pages.ts';

describe('a paged list', () => {
  it('contains all items, in order', async () => {
    const pages = new Map([
      [undefined, { items: ['a', 'b'], nextToken: 'two' }],
      ['two', { items: undefined, nextToken: 'three' }],
      ['three', { items: ['c'], nextToken: undefined }],
    ]);
    const fetchPage = async (token: string | undefined) =>
      pages.get(token) ?? { items: ['never'], nextToken: undefined };
    expect(await allPages(fetchPage)).toEqual(['a', 'b', 'c']);
  });

  it('ends at an empty token', async () => {
    expect(await allPages(async () => ({ items: [1], nextToken: '' }))).toEqual([1]);
  });
});

describe('an endless list fails', () => {
  const noEnd = {
    code: 'answer-unreadable',
    message: 'AWS answered with a list that does not end.',
  };

  it('if a token repeats', async () => {
    let calls = 0;
    const tokens = ['a', 'b', 'a'];
    const fetchPage = async () => ({ items: [], nextToken: tokens[calls++ % 3] });
    await expect(allPages(fetchPage)).rejects.toMatchObject(noEnd);
    expect(calls).toBe(3);
  });

  it('if a token is too long', async () => {
    const fetchPage = async () => ({ items: [], nextToken: 'x'.repeat(8193) });
    await expect(allPages(fetchPage)).rejects.toMatchObject(noEnd);
  });

  it.each([
    ['after 1,000 pages', [], 1_000],
    ['after 100,000 items', Array.from({ length: 10_000 }, () => 1), 10],
    ['after 32 MiB of names', ['x'.repeat(8 * 1024 * 1024)], 4],
  ])('%s', async (_name, items: readonly unknown[], pages) => {
    let calls = 0;
    const fetchPage = async () => {
      calls += 1;
      return { items, nextToken: `${calls}` };
    };
    await expect(allPages(fetchPage)).rejects.toMatchObject({ code: 'answer-unreadable' });
    expect(calls).toBe(pages);
  });
});
