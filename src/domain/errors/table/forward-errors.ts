import type { ErrorEntry } from './error-entry.ts';

/** forward and cp. */
export const FORWARD_ERRORS = {
  'forward-invalid': {
    cause: 'A port, forward or destination cannot be read.',
    remedy: 'See ecsh help forward.',
  },
  'dialer-missing': {
    cause: 'The image has no program that can connect to a port.',
    remedy: 'Use --via ssm, or an image with perl, python3, socat, bash or nc.',
  },
  'connection-refused': {
    cause: 'The destination refused the connection, or cannot be reached from the task.',
    remedy: 'Check that something listens there.',
  },
  'address-unusable': {
    cause: 'This machine has no such address.',
    remedy: 'Choose another --address.',
  },
  'port-forbidden': {
    cause: 'You may not listen on this port.',
    remedy: 'Choose a local port above 1023.',
  },
  'port-in-use': {
    cause: 'The local port is in use.',
    remedy: 'Choose another, or 0 for any free one.',
  },
  'destination-forbidden': {
    cause: "The agent does not forward to AWS's own addresses.",
    remedy: 'Choose another host.',
  },
  'destination-unknown': {
    cause: 'The container cannot resolve the host.',
    remedy: 'Check the name as the container sees it.',
  },
  'document-invalid': {
    cause: 'The region has no such session document, or refuses its values.',
    remedy: 'Read the message.',
  },
  'source-missing': { cause: 'The source does not exist.', remedy: 'Check the path.' },
  'source-is-directory': { cause: 'The source is a directory.', remedy: 'Copy it with -r.' },
  'source-not-file': {
    cause: 'The source is a FIFO, a socket or a device.',
    remedy: 'Read it with ecsh exec TARGET -- cat PATH.',
  },
  'source-unreadable': {
    cause: 'The source cannot be read.',
    remedy: 'Check its permissions.',
  },
  'destination-missing': {
    cause: 'The directory of the destination does not exist.',
    remedy: 'Create it first.',
  },
  'destination-is-directory': {
    cause: 'The destination is a directory.',
    remedy: 'Name a file, or end the path with /.',
  },
  'destination-not-directory': {
    cause: 'The destination is not a directory.',
    remedy: 'Name a directory.',
  },
  'destination-unwritable': {
    cause: 'The destination cannot be written.',
    remedy: 'Check its permissions; nothing was changed.',
  },
  'no-space': { cause: 'There is no space left.', remedy: 'Free some; nothing was changed.' },
  'copy-incomplete': {
    cause: 'Some files were left out.',
    remedy: 'The message lists them; the rest was copied.',
  },
  'copy-damaged': {
    cause: 'The copy did not arrive as it was sent.',
    remedy: 'Nothing was changed: try again.',
  },
  'copy-failed': { cause: 'The copy failed.', remedy: 'Read the message; nothing was changed.' },
  'archive-unsafe': {
    cause: 'The container sent an archive that would leave the destination or fill the memory.',
    remedy: 'Nothing was changed. Do not trust this container.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
