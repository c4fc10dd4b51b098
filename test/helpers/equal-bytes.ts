import { expect } from 'vitest';

/**
 * Compares bytes as bytes. The default looks at every byte as a property of an object, which takes
 * seconds for a megabyte.
 */
function areEqualBytes(left: unknown, right: unknown): boolean | undefined {
  if (!(left instanceof Uint8Array && right instanceof Uint8Array)) return;
  if (left.constructor !== right.constructor) return;
  return Buffer.compare(left, right) === 0;
}

expect.addEqualityTesters([areEqualBytes]);
