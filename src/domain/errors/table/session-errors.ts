import type { ErrorEntry } from './error-entry.ts';

/** A session, its key and its log. */
export const SESSION_ERRORS = {
  'session-limit': {
    cause: 'The container has as many sessions as its limit allows.',
    remedy: 'See who holds them: ecsh sessions. End one, or wait with --wait.',
  },
  'no-such-session': {
    cause: 'No open session has this id, or none is in this place.',
    remedy: 'List those that are open: ecsh sessions.',
  },
  'session-of-others': {
    cause: 'The session belongs to somebody else, or to an unknown owner.',
    remedy: 'End it all the same: ecsh sessions end ID --others.',
  },
  'channel-refused': {
    cause: 'AWS refused the data channel.',
    remedy: 'Your identity needs ssmmessages:OpenDataChannel.',
  },
  'channel-unreachable': {
    cause: 'This machine cannot reach the data channel.',
    remedy: 'Allow ssmmessages on port 443, or set the proxy.',
  },
  'session-failed': {
    cause: 'The session failed.',
    remedy: 'Read the message; -v shows the session id.',
  },
  'too-many-open-files': {
    cause: 'The limit of open files leaves no room for a session.',
    remedy: 'Raise it in the shell that starts ecsh: ulimit -n 1024.',
  },
  'session-over': { cause: 'The session had ended.', remedy: 'Run the command again.' },
  'session-ended': {
    cause: 'The session of a forward was ended from outside.',
    remedy: 'Connect again: ecsh opens another session.',
  },
  'session-silent': {
    cause: 'The agent started no session.',
    remedy: 'The container may have as many as its limit allows: end one.',
  },
  'session-idle': {
    cause: 'AWS ended the session because it was idle.',
    remedy: 'Raise the idle timeout in Session Manager, or use --keepalive.',
  },
  'session-not-found': {
    cause: 'AWS does not know the session.',
    remedy: 'Run the command again.',
  },
  'live-tail-ended': {
    cause: 'CloudWatch Logs ended a session of Live Tail.',
    remedy: 'Run the command again, or follow the log without --live.',
  },
  'session-not-logged': {
    cause: 'The cluster keeps no logs of sessions.',
    remedy: 'Turn them on with ecsh logging set; earlier sessions stay without one.',
  },
  'session-log-missing': {
    cause: 'The log of a session is not where the cluster says.',
    remedy: 'The agent writes it when the session ends, with the permissions of the task role.',
  },
  'connection-lost': {
    cause: 'The connection was lost and could not be resumed.',
    remedy: 'The command may still be running. Resuming needs ssm:ResumeSession.',
  },
  'service-silent': {
    cause: 'AWS stopped answering.',
    remedy: 'The command may still be running; check the network.',
  },
  'status-unknown': {
    cause: 'The session ended before the exit status arrived.',
    remedy: 'The command may or may not have finished: check before you run it again.',
  },
  'kms-key-disabled': {
    cause: 'The session key is disabled.',
    remedy: 'Enable the key, or choose another with ecsh logging set.',
  },
  'kms-key-not-found': {
    cause: 'The session key does not exist.',
    remedy: "Correct the cluster's key with ecsh logging set.",
  },
  'kms-key-missing': {
    cause: 'The agent has no key to encrypt with.',
    remedy: "Check the cluster's executeCommandConfiguration.",
  },
  'kms-key-elsewhere': {
    cause: 'The session key is in another region than the cluster.',
    remedy: 'Use a key in the region of the cluster, or a replica there.',
  },
  'kms-key-unusable': {
    cause: 'The session key cannot be used.',
    remedy: 'Use a symmetric key for encryption.',
  },
  'session-not-encrypted': {
    cause: 'The cluster requires encryption and the session is not encrypted with its key.',
    remedy: 'Nothing was sent. Replace the task; if it persists, ask who changed the agent.',
  },
  'encryption-unknown': {
    cause: 'ECS did not say whether the cluster encrypts its sessions, so none was opened.',
    remedy: 'Try again, wait with --wait, or accept it with --allow-unencrypted.',
  },
  'handshake-timeout': {
    cause: 'The agent did not complete the handshake.',
    remedy: 'Try again; replace the task if it persists.',
  },
  'handshake-failed': {
    cause: "The agent's handshake failed.",
    remedy: 'Read the message; replace the task if it persists.',
  },
  'data-key-refused': {
    cause: 'KMS refused to make a data key.',
    remedy: 'Attach ecsh policy caller-kms to your user or role.',
  },
  'encryption-context': {
    cause: 'The key is used with another encryption context.',
    remedy: 'Read the message; the agent may be too old.',
  },
  'encryption-challenge-timeout': {
    cause: 'The agent did not answer the encryption challenge.',
    remedy: 'Check the task role: ecsh policy task-kms.',
  },
  'log-group-encryption': {
    cause: 'The log group must be encrypted and is not.',
    remedy: 'Encrypt it, or change the setting with ecsh logging set.',
  },
  's3-encryption': {
    cause: 'The bucket must be encrypted and is not.',
    remedy: 'Encrypt it, or change the setting with ecsh logging set.',
  },
  's3-permission': {
    cause: "The agent may not read the bucket's encryption.",
    remedy: 'Attach ecsh policy logs-s3 to the task role.',
  },
  'session-log-failed': {
    cause: 'The agent cannot log the session.',
    remedy: 'See ecsh doctor TARGET.',
  },
  'ssh-not-set-up': {
    cause: 'ecsh has no host key for ssh.',
    remedy: 'Set ssh up once: ecsh ssh-config --install.',
  },
  'command-not-found': {
    cause: 'The container has no such program.',
    remedy: 'Name a program of the image, by path if need be.',
  },
  'command-not-executable': {
    cause: 'The program cannot be executed.',
    remedy: 'Check its mode and architecture.',
  },
  'command-not-started': {
    cause: 'The command did not start.',
    remedy: 'Read the message. For an image without sh use --no-shell.',
  },
  'command-unparsable': {
    cause: 'The agent cannot split the command into words.',
    remedy: 'Check for an unbalanced quote or a backslash at the end.',
  },
  'image-lacks-tools': {
    cause: 'The image lacks a tool that ecsh needs.',
    remedy: 'The message names it. --no-shell needs none, and reports no status.',
  },
  'stdin-needs-stty': {
    cause: 'Standard input needs stty in the image.',
    remedy: 'Install coreutils or BusyBox in the image, or pass the data with ecsh cp.',
  },
  'workdir-unusable': {
    cause: 'The directory of -w does not exist in the container, or the user may not enter it.',
    remedy: 'Check the path and the user: ecsh TARGET ls -ld DIRECTORY.',
  },
  'user-not-found': {
    cause: 'The container has no user of that name.',
    remedy: 'Name one of its /etc/passwd, or give a number.',
  },
  'user-switch-missing': {
    cause: 'The image has nothing to switch users with.',
    remedy: 'Install su, setpriv, runuser, gosu or su-exec in the image.',
  },
  'variable-readonly': {
    cause: "The image's shell keeps this variable to itself, and the image has no env.",
    remedy: 'Leave the variable out.',
  },
  'input-damaged': {
    cause: 'What was sent to the command did not arrive as it was sent.',
    remedy:
      'Run the command again if it is safe to repeat: it was ended before the end of its input.',
  },
  'output-damaged': {
    cause: 'The session damaged the output.',
    remedy: 'Use --output-encoding base64 for binary output; otherwise run it again.',
  },
  'sharing-refused': {
    cause: 'A setting refuses to share a session.',
    remedy: 'Run each command by ecsh exec, or see ecsh config for noShare.',
    isUsage: true,
  },
  'connect-unsupported': {
    cause: 'This machine has no socket that ecsh connect could use.',
    remedy: 'Read the message. On Windows, use connect() of the library.',
  },
  'connect-gone': {
    cause:
      'The ecsh connect around this command was killed, is suspended, or has ended before its local command.',
    remedy: 'Start the local command again inside ecsh connect, or unset ECSH_CONNECTED.',
  },
  'timed-out': {
    cause: 'The time limit ended the command.',
    remedy: 'Raise --timeout (library: timeoutMs).',
  },
  'output-closed': {
    cause: 'A stream that receives output broke.',
    remedy: 'Check where the output goes.',
  },
  'output-too-large': {
    cause: 'The command printed more than maxBuffer.',
    remedy: 'Raise maxBuffer, or give a stream (library).',
  },
  'windows-needs-terminal': {
    cause: 'In a Windows container only a terminal works.',
    remedy: 'Use -t, or ecsh shell.',
  },
  'windows-needs-command': {
    cause: 'In a Windows container variables and directories are not supported.',
    remedy: 'Put them into the command: powershell.exe -Command ….',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;
