/** A symbolic link in an archive. */
export interface ArchiveLink {
  /** Its path within the archive. */
  readonly name: string;
  readonly target: string;
}

/** The number of links that Linux follows before it gives up. */
const MAX_HOPS = 40;
/** The longest path in Linux (PATH_MAX). */
const MAX_PATH = 4096;
/** Limit for the characters examined in total: an archive can be built to keep us busy. Links beyond it are suspect. */
const MAX_EFFORT = 50_000_000;

/**
 * Returns the links that point outside the directory that they are unpacked in, directly or through other links. A
 * program that follows one reads or writes a file that was never copied.
 */
export function outsideLinks(links: readonly ArchiveLink[]): readonly ArchiveLink[] {
  const targets = new Map(links.map(({ name, target }) => [name, target]));
  const effort = { left: MAX_EFFORT };
  return links.filter(({ name }) => leadsOutside(name, targets, effort));
}

function leadsOutside(
  name: string,
  targets: ReadonlyMap<string, string>,
  effort: { left: number },
): boolean {
  let ahead = name.split('/').reverse();
  let path = '';
  let hops = 0;
  for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (path === '') return true;
      path = path.slice(0, Math.max(0, path.lastIndexOf('/')));
      continue;
    }
    const next = path === '' ? part : `${path}/${part}`;
    effort.left -= next.length;
    if (next.length > MAX_PATH || effort.left < 0) return true;
    const target = targets.get(next);
    if (target === undefined) {
      path = next;
      continue;
    }
    hops += 1;
    // A cycle leads nowhere.
    if (hops > MAX_HOPS) return false;
    if (target.startsWith('/') || target.length > MAX_PATH) return true;
    ahead = [...ahead, ...target.split('/').reverse()];
  }
  return false;
}
