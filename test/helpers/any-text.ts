import fc from 'fast-check';

const character = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((point) => String.fromCodePoint(point));

/** Text of any characters. `fc.string({ unit: 'binary' })` first builds a table of all of Unicode, in seconds. */
export const anyText = fc.array(character).map((characters) => characters.join(''));
