import { FIND_DIALER } from '#forward/dialers.ts';
import findScript from './find-tools.sh';

/** A tool that people use over ssh, and whether it works with the image. */
export interface ToolSupport {
  readonly tool: string;
  readonly works: boolean;
  /** The programs and features that it needs and the image lacks. */
  readonly missing: readonly string[];
  /** How it works, if that is not obvious. */
  readonly note: string | null;
}

/** A read-only command for the container; `toolSupport` parses its output. */
export const FIND_TOOLS: readonly string[] = [
  'sh',
  '-c',
  findScript,
  'sh',
  FIND_DIALER.at(-1) ?? '',
];

/** All items are required; of an inner list, one item is enough. */
type Needs = readonly (string | readonly string[])[];

const SHARING: Needs = ['stty', 'dd', ['base64', 'od'], '/proc'];
const FILES: Needs = ['stat -c', 'cat', 'mv', 'rm', 'chmod', 'readlink'];
/**
 * Requirements of the VS Code server (code.visualstudio.com/docs/remote/linux, "Remote host requirements").
 * The backends of JetBrains IDEs also need glibc and tar.
 */
const EDITOR: Needs = ['bash', 'tar', ['curl', 'wget'], 'glibc 2.28 or newer'];

/** One row for each tool, in the order of the table in docs/ssh.md. */
export function toolSupport(output: string): readonly ToolSupport[] {
  const found = new Set(output.split('\n').map((line) => line.trim()));
  if (hasGlibc(found)) found.add('glibc 2.28 or newer');
  const supportFor = (tool: string, needs: Needs): ToolSupport => {
    const missing = missingFrom(found, needs);
    return { tool, works: missing.length === 0, missing, note: null };
  };
  return [
    commandSupport(missingFrom(found, SHARING)),
    { tool: 'ssh HOST', works: true, missing: [], note: 'the terminal has its own session' },
    supportFor('scp, sftp', FILES),
    supportFor('scp -O', ['scp']),
    supportFor('rsync', ['rsync']),
    supportFor('git', ['git']),
    portSupport(found),
    supportFor('Ansible', ['python3 (3.8 or newer)']),
    supportFor('VS Code Remote', EDITOR),
  ];
}

function commandSupport(missing: readonly string[]): ToolSupport {
  const note = missing.length === 0 ? null : 'slower: each command opens a session of its own';
  return { tool: 'ssh HOST COMMAND', works: true, missing, note };
}

function portSupport(found: ReadonlySet<string>): ToolSupport {
  const dialer = [...found].find((line) => line.startsWith('dialer '))?.slice('dialer '.length);
  return {
    tool: '-L, -D, -W',
    works: true,
    missing: dialer === undefined ? ['a program that connects to ports'] : [],
    note: dialer === undefined ? 'needs permission for ssm:StartSession' : `through ${dialer}`,
  };
}

function missingFrom(found: ReadonlySet<string>, needs: Needs): readonly string[] {
  return needs.flatMap((need) => {
    const choices = typeof need === 'string' ? [need] : need;
    return choices.some((choice) => found.has(choice)) ? [] : [choices.join(' or ')];
  });
}

function hasGlibc(found: ReadonlySet<string>): boolean {
  return [...found].some((line) => {
    const [, major, minor] = /^glibc (\d+)\.(\d+)/.exec(line) ?? [];
    return Number(major) === 2 && Number(minor) >= 28;
  });
}
