import { EcshError } from '#domain/errors/errors.ts';

/** Errors about the paths of a copy, on either side. `path` is in the form that the user would type. */

export function sourceMissing(path: string): EcshError {
  const hasWildcard = /[*?[]/.test(path);
  const advice = hasWildcard
    ? 'cp does not expand wildcards. Name the files, or copy their directory with -r.'
    : 'Check the path. A relative path starts in the working directory, on either side.';
  return new EcshError('source-missing', `${path}: no such file or directory.`, { hint: advice });
}

export function sourceIsDirectory(path: string): EcshError {
  return new EcshError('source-is-directory', `${path} is a directory.`, {
    hint: 'Copy it with everything in it:  ecsh cp -r …',
  });
}

export function sourceNotFile(path: string): EcshError {
  return notFile(path, 'Read it with a command instead:  ecsh exec TARGET -- cat PATH > FILE');
}

export function localSourceNotFile(path: string): EcshError {
  return notFile(path, `Copy from stdin instead:  ecsh cp - TARGET:PATH < ${path}`);
}

function notFile(path: string, hint: string): EcshError {
  const problem = `${path} is a FIFO, a socket or a device, not a file.`;
  return new EcshError('source-not-file', problem, { hint });
}

export function sourceUnreadable(path: string, reason: string): EcshError {
  return new EcshError('source-unreadable', `Cannot read ${path}${because(reason)}`, {
    hint: 'Check its permissions.',
  });
}

export function destinationMissing(path: string): EcshError {
  return new EcshError('destination-missing', `The directory for ${path} does not exist.`, {
    hint: 'Copy into an existing directory, or create it first.',
  });
}

export function destinationIsDirectory(path: string): EcshError {
  return new EcshError('destination-is-directory', `${path} is a directory.`, {
    hint: 'Name the file to write in it.',
  });
}

export function destinationNotDirectory(path: string): EcshError {
  return new EcshError('destination-not-directory', `${path} is not a directory.`, {
    hint: 'A directory can be copied into a directory, or to a new name.',
  });
}

/** The user named the directory of the link, and may be unaware of the link. */
export function destinationIsLink(path: string): EcshError {
  return new EcshError(
    'destination-not-directory',
    `${path} is a link, which cp does not follow.`,
    {
      hint: `Remove the link, or name it to copy to where it leads:  ecsh cp -r … ${path}`,
    },
  );
}

export function destinationNotFile(path: string): EcshError {
  return new EcshError('destination-unwritable', `${path} is a FIFO or a socket, not a file.`, {
    hint: 'Write to it with a command instead:  ecsh exec -i TARGET -- sh -c "cat > PATH" < FILE',
  });
}

/** GNU tar reports a full disk as a short write. */
const NO_ROOM = /No space left|Disk quota|Wrote only/i;

/** @param reason reported by the operating system, here or in the container */
export function destinationUnwritable(path: string, reason: string): EcshError {
  if (NO_ROOM.test(reason)) {
    return new EcshError('no-space', `There is not enough space for ${path}${because(reason)}`, {
      hint: 'Nothing was changed. Free some space, or copy to another place.',
    });
  }
  return new EcshError('destination-unwritable', `Cannot write ${path}${because(reason)}`, {
    hint: 'Check its permissions, and that its file system is not read-only.',
  });
}

export function copyDamaged(path: string): EcshError {
  return new EcshError('copy-damaged', `${path} did not arrive as it was sent.`, {
    hint: 'Nothing was changed. Try again.',
  });
}

/**
 * Everything else was copied.
 *
 * @param reasons some of the reasons; `count` is the total number
 */
export function copyIncomplete(path: string, reasons: readonly string[], count: number): EcshError {
  const shown = reasons.slice(0, SHOWN_REASONS);
  if (count > shown.length) shown.push(`… and ${count - shown.length} more`);
  return new EcshError('copy-incomplete', `${path} was copied, except for:`, {
    hint: shown.join('\n') || 'files that the container could not read',
  });
}

const SHOWN_REASONS = 10;

export function copyFailed(path: string, reason: string): EcshError {
  return new EcshError('copy-failed', `Copying ${path} failed${because(reason)}`, {
    hint: 'Nothing was changed.',
  });
}

export function toolMissing(tool: string): EcshError {
  const what = tool === 'tar' ? 'directory' : 'file';
  return new EcshError(
    'image-lacks-tools',
    `The image has no ${tool}, which cp needs for a ${what}.`,
    {
      hint:
        tool === 'tar'
          ? 'Copy single files, or use an image with tar (BusyBox has it).'
          : 'Use an image with coreutils or BusyBox.',
    },
  );
}

/** An archive that could write outside the directory that it is unpacked in, or fill our memory. */
export function archiveUnsafe(problem: string): EcshError {
  return new EcshError('archive-unsafe', `The container sent an unsafe archive: ${problem}.`, {
    hint: 'Nothing was written. Do not trust this container.',
  });
}

/** With -r, `-` is an archive that another program created. */
export function noArchive(reason: string): EcshError {
  return new EcshError('copy-failed', `stdin is not a tar archive${because(reason)}`, {
    hint: 'Nothing was changed. With -r, "-" is an uncompressed tar archive:  tar -cf - DIR | ecsh cp -r - …',
  });
}

function because(reason: string): string {
  return reason === '' ? '.' : `: ${reason.replace(/\.?$/, '.')}`;
}
