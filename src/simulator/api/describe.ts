import { invalidParameter } from './api-error.ts';

/** @throws ApiError for more names than AWS accepts in one call */
export function limitCount(names: readonly string[], what: string, most: number): void {
  if (names.length <= most) return;
  throw invalidParameter(`${what} cannot have more than ${most} elements.`);
}

interface Describe<T> {
  readonly find: (reference: string) => T | undefined;
  readonly show: (thing: T) => object;
  readonly arn: (reference: string) => string;
}

/** Describes each reference; one that does not exist becomes a failure with the reason MISSING. */
export function describeEach<T>(
  references: readonly string[],
  key: string,
  { find, show, arn }: Describe<T>,
): object {
  const found: object[] = [];
  const failures: object[] = [];
  for (const reference of new Set(references)) {
    const thing = find(reference);
    if (thing === undefined) failures.push({ arn: arn(reference), reason: 'MISSING' });
    else found.push(show(thing));
  }
  return { [key]: found, failures };
}
