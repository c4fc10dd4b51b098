import { describe, expect, it } from 'vitest';
import { toolsText } from '#commands/doctor/ssh-tools.ts';

describe('toolsText', () => {
  it('lists the tools that work, and why others do not', () => {
    const tools = [
      { tool: 'ssh HOST COMMAND', works: true, missing: [], note: null },
      { tool: 'rsync', works: false, missing: ['rsync'], note: null },
      { tool: '-L, -D, -W', works: true, missing: [], note: 'through perl' },
    ];
    expect(toolsText(tools, 80)).toBe(
      [
        '',
        'TOOL              WORKS  WHY',
        'ssh HOST COMMAND  yes',
        'rsync             no     the image has no rsync',
        '-L, -D, -W        yes    through perl',
        '',
      ].join('\n'),
    );
  });

  it('reports that the tools are unknown without a session', () => {
    expect(toolsText(null, 80)).toBe(
      '\nTools over ssh: unknown, because no session could be opened.\n',
    );
  });
});
