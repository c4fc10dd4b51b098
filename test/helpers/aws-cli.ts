import { expect } from 'vitest';
import type { Lab } from './e2e.ts';
import { isInstalled } from './program.ts';

export const hasAwsCli = isInstalled('aws', '--version');

/** Runs `aws ARGS` against the simulator; returns its JSON, or undefined if it prints nothing. */
export async function runAws(lab: Lab, ...args: readonly string[]): Promise<unknown> {
  const stdout = await runWithAws(lab, ['aws', '--output', 'json', ...args]);
  return stdout === '' ? undefined : JSON.parse(stdout);
}

/** Runs a program that calls the AWS CLI, and returns its stdout. */
export async function runWithAws(lab: Lab, words: readonly string[]): Promise<string> {
  const env = awsEnvironment(lab);
  const { status, stdout, stderr } = await lab.startProgram(words, { env }).finished;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

/** For the AWS CLI against a simulator. It may need variables of a version manager. */
export function awsEnvironment(lab: Lab): Readonly<Record<string, string>> {
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(own), ...lab.environment, HOME: process.env.HOME ?? '/' };
}
