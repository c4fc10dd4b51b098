import type { ErrorEntry } from './error-entry.ts';

/** The command line, settings and this machine. */
export const USAGE_ERRORS = {
  usage: {
    cause: 'The command line is wrong.',
    remedy: 'The message says how to write it; see ecsh help COMMAND.',
    isUsage: true,
  },
  'task-left-out': {
    cause: 'exec --all left out a task that is not running.',
    remedy: 'Wait for it with --wait, or run the command again.',
  },
  'command-empty': {
    cause: 'There is no command to run.',
    remedy: 'Put the command after TARGET.',
  },
  'command-not-utf8': {
    cause: 'An argument is not valid UTF-8, and AWS takes only text.',
    remedy: 'Send such bytes as input with -i.',
  },
  'command-has-nul': {
    cause: 'The command contains a NUL byte.',
    remedy: 'Arguments cannot contain NUL.',
  },
  'command-too-long': {
    cause: 'The command is too long.',
    remedy: 'Pass a script with --sh FILE, or on stdin: -i TARGET -- sh -s.',
  },
  'env-invalid': { cause: 'A variable is not NAME=VALUE.', remedy: 'Correct it.' },
  'config-invalid': {
    cause: 'The configuration file is wrong.',
    remedy: 'The message says where; see ecsh help config.',
    isUsage: true,
  },
  'variable-invalid': {
    cause: 'An ECSH_* variable is wrong.',
    remedy: 'The message names it.',
    isUsage: true,
  },
  'not-a-terminal': {
    cause: 'This needs a terminal.',
    remedy: 'Run it on one; for a command use ecsh exec without -t.',
  },
  'confirmation-missing': {
    cause: 'ecsh cannot ask for confirmation here.',
    remedy: 'Look with --dry-run, then give --yes.',
  },
  cancelled: { cause: 'The question was not answered with yes.', remedy: 'Nothing was changed.' },
  'output-lost': { cause: 'Output could not be written.', remedy: 'Check where stdout goes.' },
  'file-unreadable': {
    cause: 'A file or stdin cannot be read.',
    remedy: 'Check the path and its permissions.',
  },
  'file-unwritable': {
    cause: 'A file cannot be written.',
    remedy: 'Check the path and its permissions.',
  },
  'debug-file-unwritable': {
    cause: 'The file of --debug cannot be written.',
    remedy: 'Check the path and its permissions.',
  },
  'fleet-invalid': {
    cause: 'The fleet file is wrong.',
    remedy: 'The message says where; see docs/fleet-file.md.',
  },
  'program-missing': {
    cause: 'A local program does not exist.',
    remedy: 'Check the name and PATH.',
  },
  'plugin-exists': {
    cause: 'There is a session-manager-plugin already that is not from ecsh.',
    remedy: 'Give --force, or a folder that comes earlier on PATH: ecsh plugin install --dir DIR.',
  },
  'plugin-needs-executable': {
    cause: 'On Windows the plugin has to be an .exe.',
    remedy: 'Use the ecsh.exe of a release: ecsh.exe plugin install.',
  },
  'pty-missing': {
    cause: 'The simulator needs @lydell/node-pty.',
    remedy: 'Install it: npm install @lydell/node-pty.',
  },
  bug: { cause: 'A defect of ecsh.', remedy: 'Please report it with the trace.' },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
