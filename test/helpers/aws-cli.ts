import { expect } from 'vitest';
import type { Lab } from './e2e.ts';
import { isInstalled } from './program.ts';

export const hasAwsCli = isInstalled('aws', '--version');

/** What `aws ARGS` answers against the simulator, if anything. The CLI may need what a version manager sets. */
export async function runAws(lab: Lab, ...args: readonly string[]): Promise<unknown> {
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const env = { ...Object.fromEntries(own), ...lab.environment, HOME: process.env.HOME ?? '/' };
  const program = lab.startProgram(['aws', '--output', 'json', ...args], { env });
  const { status, stdout, stderr } = await program.finished;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout === '' ? undefined : JSON.parse(stdout);
}
