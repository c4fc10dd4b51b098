import type { ErrorCode } from '#domain/errors/table/error-table.ts';
/** The meaning of the agent's final message. */
export interface SessionExplanation {
  readonly code: ErrorCode;
  readonly message: string;
  /** The explanation repeats part of the text. */
  readonly isQuoting: boolean;
  readonly hint: string;
}

interface SessionRule extends Omit<SessionExplanation, 'message' | 'isQuoting'> {
  readonly pattern: RegExp;
  /** Gets the captures of the pattern. */
  readonly message: (match: RegExpExecArray) => string;
}

const DESTINATION_HINT =
  'Encrypt it, or turn off the encryption flag in the logging configuration of the cluster';

/** Texts of a session that ends (PROTOCOL 4.9). The first match wins. */
const RULES: readonly SessionRule[] = [
  {
    code: 'command-not-found',
    // The second form is Go's for a plain name; the first for a path.
    pattern:
      /Unable to start command: Failed to start pty: (?:fork\/exec (.+?): no such file or directory|exec: "(.*?)": (?:executable file not found in \$PATH|stat .+?: no such file or directory))/,
    message: ([, path, name]) => `The container has no program "${path ?? name}".`,
    hint: 'The agent runs a program, not a shell line: for shell syntax run sh -c, and name a program that the image has.',
  },
  {
    code: 'command-not-executable',
    pattern:
      /Unable to start command: Failed to start pty: (?:fork\/exec (.+?)|exec: "(.*?)"): (permission denied|exec format error|is a directory)/,
    message: ([, path, name, why]) => `The program "${path ?? name}" cannot be executed: ${why}.`,
    hint: 'Check its mode, and that it was built for the architecture of the task.',
  },
  {
    code: 'command-unparsable',
    pattern: /Failed to parse commands input: (.+)/,
    message: ([, why]) => `The agent cannot split the command into words: ${why?.trim()}`,
    hint: 'Check for an unbalanced quote or a backslash at the end.',
  },
  {
    code: 'command-not-started',
    pattern: /Unable to start command: (.+)/,
    message: ([, why]) => `The agent could not start the command: ${why?.trim()}`,
    hint: 'Check the command, and what the image offers.',
  },
  {
    code: 'log-group-encryption',
    pattern: /encryption is not set up on the selected CloudWatch Logs log group/i,
    message: () => 'The cluster asks for an encrypted log group, and the agent found none.',
    // The agent cannot distinguish these three.
    hint: `${DESTINATION_HINT}. The same is said when the group does not exist, or when the task role may not logs:DescribeLogGroups.`,
  },
  {
    code: 's3-encryption',
    pattern: /encryption is not set up on the selected Amazon S3 bucket/i,
    message: () => 'The cluster asks for an encrypted log bucket, and the bucket is not encrypted.',
    hint: `${DESTINATION_HINT}.`,
  },
  {
    code: 's3-permission',
    pattern: /unable to validate encryption on Amazon S3 bucket\. ?(?:Error: )?(.*)/i,
    message: ([, why]) =>
      `The agent may not look at the encryption of the log bucket: ${why?.trim()}`,
    hint: 'Allow the task role s3:GetEncryptionConfiguration on the bucket, and give it a path to S3.',
  },
  {
    code: 'encryption-context',
    pattern: /Error when decrypting data key InvalidCiphertextException/i,
    message: () => 'The agent cannot decrypt the session key: it was made for another target.',
    // Cluster name or runtime id of another task (PROTOCOL 1.3).
    hint: 'The container was probably restarted meanwhile. Try again; if it stays, replace the task.',
  },
  {
    code: 'task-role-kms-decrypt',
    pattern: /Fetching data key failed: Unable to retrieve data key/i,
    message: () => 'The agent cannot decrypt the session key with the KMS key of the cluster.',
    hint: 'Allow the task role kms:Decrypt on that key (its key policy too), and give it a path to KMS.',
  },
  {
    code: 'caller-kms-generate-data-key',
    pattern: /Error calling KMS GenerateDataKey API/i,
    message: () => 'Your identity cannot make a session key with the KMS key of the cluster.',
    hint: 'Allow your identity kms:GenerateDataKey on that key (its key policy too).',
  },
  {
    code: 'encryption-challenge-timeout',
    pattern: /Timed out waiting for encryption challenge/i,
    message: () => 'The agent waited in vain for the answer to its encryption challenge.',
    hint: 'Try again.',
  },
  {
    code: 'handshake-timeout',
    pattern: /Encountered error while initiating handshake\. ?Handshake timed out/i,
    message: () => 'The agent waited in vain for a data key: it takes no longer than 15 seconds.',
    hint: 'KMS or your credentials answered too late. Try again; if it stays, check the way to KMS.',
  },
  {
    code: 'handshake-failed',
    pattern: /Encountered error while initiating handshake\. ?(.*)/i,
    message: ([, why]) => `The handshake with the agent failed: ${why?.trim()}`,
    hint: 'Try again; if it stays, check the KMS key of the cluster.',
  },
  {
    code: 'session-idle',
    pattern: /session timed out due to inactivity/i,
    message: () => 'The session was ended: nothing was sent or received for 20 minutes.',
    hint: 'The limit is fixed. Let a long command print something now and then.',
  },
  {
    code: 'destination-forbidden',
    pattern: /Forwarding to IP address (.+?) is forbidden/i,
    message: ([, host]) => `The agent forwards nothing to ${host}.`,
    hint: 'It refuses the addresses of instance metadata and of the resolver of the VPC. Ask them from within the task:  ecsh exec TARGET -- COMMAND',
  },
  {
    code: 'destination-unknown',
    // Go's resolver, with or without the name of the server.
    pattern: /\blookup (\S+?)(?: on \S+)?: (?:no such host|server misbehaving|i\/o timeout)/i,
    message: ([, host]) => `The container cannot find the address of ${host}.`,
    hint: 'Check the name, and the DNS settings of the VPC.',
  },
  {
    code: 'agent-cannot-write',
    pattern: /Plugin with name \w+ not found\. Step name:/i,
    message: () => 'The agent cannot start a session: its file system is full or read-only.',
    hint: 'Make room in /tmp and on the root file system, or replace the task.',
  },
  {
    code: 'data-channel-unreachable',
    pattern: /Setting up data channel with id .+? failed: ?(.*)/i,
    message: ([, why]) => `The agent cannot open its data channel: ${why?.trim()}`,
    hint: 'Allow the task role the ssmmessages channel actions, and give it a path to ssmmessages.',
  },
  {
    code: 'session-worker-crashed',
    pattern: /document process failed unexpectedly/i,
    message: () => "The agent's session worker crashed.",
    hint: 'Usual causes: too little memory, or a command without a word in it. Try again, or replace the task.',
  },
  {
    code: 'session-log-failed',
    pattern: /unable to generate log data/i,
    message: () => 'The session worked, but its log could not be made.',
    hint: 'Logging needs the programs script and cat in the image.',
  },
];

/**
 * Explains the text with which an agent or the service ended a session (`channel_closed.Output`). Returns
 * undefined for a normal end and for unknown texts. Not for output of a program, which may contain
 * any text.
 */
export function explainSessionOutput(text: string): SessionExplanation | undefined {
  for (const { code, pattern, message, hint } of RULES) {
    const match = pattern.exec(text);
    if (match === null) continue;
    // A message without a parameter is our own.
    return { code, message: message(match), isQuoting: message.length > 0, hint };
  }
  return undefined;
}
