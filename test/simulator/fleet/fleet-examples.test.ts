import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';

const DOCUMENT = new URL('../../../docs/fleet-file.md', import.meta.url);
const EXAMPLES = Array.from(
  readFileSync(DOCUMENT, 'utf8').matchAll(/```json\n(.*?)```/gs),
  ([, example = '']) => example,
);

it.each(EXAMPLES)('an example of docs/fleet-file.md is a fleet: %s', (example) => {
  expect(parseFleet(JSON.parse(example))).toMatchObject({ region: 'us-east-1' });
});
