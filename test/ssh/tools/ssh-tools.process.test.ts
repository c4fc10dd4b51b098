import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { FIND_TOOLS, toolSupport } from '#ssh/tools/ssh-tools.ts';
import { COMMON_SHELLS, imageEnvironment, SHELLS } from '#test/helpers/shells.ts';

describe.each(COMMON_SHELLS)('FIND_TOOLS in %s', (shell) => {
  it('lists the tools of the image', () => {
    const [program, ...flags] = SHELLS[shell];
    const { status, stdout, stderr } = spawnSync(program, [...flags, ...FIND_TOOLS.slice(1)], {
      env: imageEnvironment(shell, ['stty', 'mv', 'rsync']),
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    const missing = new Map(toolSupport(stdout).map((row) => [row.tool, row.missing]));
    expect(missing.get('ssh HOST COMMAND')).toEqual(['stty']);
    expect(missing.get('scp, sftp')).toEqual(['mv']);
    expect(missing.get('rsync')).toEqual(['rsync']);
  });
});
