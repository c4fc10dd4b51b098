import { EcshError } from '#domain/errors/errors.ts';
import type { EnvelopeFeatures, EnvelopeStream } from '#envelope/envelope.ts';

export function imageLacksTools(): EcshError {
  return new EcshError(
    'image-lacks-tools',
    'The image lacks dd, or base64, od and cksum alike: without them output cannot be exact.',
    {
      hint: 'Run it without the envelope, with an unknown status:  ecsh exec --no-shell TARGET -- COMMAND',
    },
  );
}

/** The envelope itself could not be started. */
export function imageLacksSh(cause: EcshError): EcshError {
  return new EcshError(cause.code, cause.message, {
    hint: 'Run the bare command, with an unknown status:  ecsh exec --no-shell TARGET -- COMMAND',
    exitCode: cause.exitCode,
    cause,
  });
}

export function stdinNeedsStty(): EcshError {
  return new EcshError(
    'stdin-needs-stty',
    'The image has no stty, without which stdin would be echoed into the output.',
    { hint: 'Leave out -i, or use an image with stty (coreutils or busybox).' },
  );
}

/** The shell for the command failed before it could run it. */
export function commandNotStarted(status: number): EcshError {
  return new EcshError(
    'command-not-started',
    `The image's shell ended with status ${status} before the command had started.`,
    {
      hint: 'A variable of the image may disturb the shell. Without it, with an unknown status:  ecsh exec --no-shell TARGET -- COMMAND',
    },
  );
}

/** The envelope found a gap, or a wrong length or checksum, in its input. */
export function inputDamaged(): EcshError {
  return new EcshError(
    'input-damaged',
    'What was sent to the command did not arrive as it was sent, so its status is not reported.',
    {
      hint: 'The command was ended before the end of its input. Run it again if it is safe to repeat.',
    },
  );
}

export function variableReadonly(name: string): EcshError {
  return new EcshError(
    'variable-readonly',
    `The image's shell keeps ${name} to itself, and the image has no env(1) to set it with.`,
    { hint: `Leave out -e ${name}.`, exitCode: 126 },
  );
}

/** Incomplete input must not look complete. */
export function inputUnreadable(cause: Error): EcshError {
  return new EcshError(
    'file-unreadable',
    `The input could not be read to its end: ${cause.message}`,
    {
      hint: 'The command was ended. What it had received until then, it may have worked on.',
      cause,
    },
  );
}

export function userSwitchMissing(): EcshError {
  return new EcshError(
    'user-switch-missing',
    'The image has no program that can run the command as this user.',
    {
      hint: 'It needs one of gosu, su-exec, setpriv, runuser or su; USER:GROUP one of the first three.',
    },
  );
}

export function outputDamaged(
  streams: readonly EnvelopeStream[],
  status: number,
  encoding: EnvelopeFeatures['output'] | undefined,
): EcshError {
  const isRaw = encoding === 'raw';
  const reason = isRaw
    ? 'the raw encoding carries text only.'
    : "another program wrote to the session's terminal.";
  return new EcshError(
    'output-damaged',
    `The command ended with status ${status}, but its ${streams.join(' and ')} did not arrive as written: ${reason}`,
    {
      hint: isRaw
        ? 'Run it with --output-encoding base64, which carries any bytes.'
        : 'Run it again, if it may run twice.',
    },
  );
}
