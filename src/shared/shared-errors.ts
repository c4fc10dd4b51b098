import { EcshError } from '#domain/errors/errors.ts';
import type { CommandFault } from '#envelope/dispatched-command.ts';
import { userSwitchMissing } from '#exec/exec-errors.ts';

export function faultError(fault: CommandFault): EcshError {
  switch (fault) {
    case 'no-user-switch':
      return userSwitchMissing();
    case 'not-started':
      return new EcshError('status-unknown', 'The command could not be started in the container.', {
        hint: 'The container may have no memory or no process left:  ecsh doctor TARGET',
      });
    case 'input-damaged':
      return new EcshError('status-unknown', 'Part of the input was lost; the command was ended.', {
        hint: 'Run it again. What it had received until then, it may have worked on.',
      });
    case 'output-damaged':
      return new EcshError(
        'output-damaged',
        'Part of the output was lost; the command was ended.',
        {
          hint: 'Run it again. If it stays, run it in a session of its own:  ecsh exec --no-share TARGET -- COMMAND',
        },
      );
  }
}

export function sharedSessionClosed(): EcshError {
  return new EcshError(
    'interrupted',
    'The shared session was closed before the command had ended.',
  );
}

/** The shell that reports the status was killed in the container. */
export function statusLost(): EcshError {
  return new EcshError('status-unknown', 'The command has ended; its status is unknown.', {
    hint: 'A process was killed in the container, which may have no memory left:  ecsh doctor TARGET',
  });
}

/** Processes of the command are left after SIGKILL. */
export function commandUnkillable(): EcshError {
  return new EcshError('status-unknown', 'The command does not end, not even by SIGKILL.', {
    hint: 'It waits for the kernel, for a disk or a network file system. It ends with its task.',
  });
}
