import { describe, expect, it } from 'vitest';
import { jsonText } from '#commands/json-output.ts';

describe('JSON on a terminal', () => {
  it('escapes terminal control characters without changing the value', () => {
    const value = { name: 'a\u001b[2J\u009b2J\u202eb\u2028' };
    const text = jsonText(value, undefined, 2);
    expect(text).toBe('{\n  "name": "a\\u001b[2J\\u009b2J\\u202eb\\u2028"\n}');
    expect(JSON.parse(text)).toEqual(value);
  });
});
