import { EcshError } from '#domain/errors/errors.ts';

/** What can be wrong with the paths of a copy, on either side. `path` is as the user would name it. */

export function sourceMissing(path: string): EcshError {
  return new EcshError('source-missing', `There is no ${path}.`, {
    hint: 'Check the path. A relative one begins in the working directory, here or of the container.',
  });
}

export function sourceIsDirectory(path: string): EcshError {
  return new EcshError('source-is-directory', `${path} is a directory.`, {
    hint: 'Copy it with all that is in it:  ecsh cp -r …',
  });
}

export function sourceUnreadable(path: string, reason: string): EcshError {
  return new EcshError('source-unreadable', `Cannot read ${path}${because(reason)}`, {
    hint: 'Check the rights to it.',
  });
}

export function destinationMissing(path: string): EcshError {
  return new EcshError('destination-missing', `There is no directory for ${path}.`, {
    hint: 'Copy to a directory that is there, or make it first.',
  });
}

export function destinationIsDirectory(path: string): EcshError {
  return new EcshError('destination-is-directory', `${path} is a directory.`, {
    hint: 'Name the file in it that is to be written.',
  });
}

export function destinationNotDirectory(path: string): EcshError {
  return new EcshError('destination-not-directory', `${path} is not a directory.`, {
    hint: 'A directory can be copied into a directory, or to a name that is not there yet.',
  });
}

/** GNU tar sees a disk become full as a short write. */
const NO_ROOM = /No space left|Disk quota|Wrote only/i;

/** Why is told by the system, there or here. */
export function destinationUnwritable(path: string, reason: string): EcshError {
  if (NO_ROOM.test(reason)) {
    return new EcshError('no-space', `There is no room for ${path}${because(reason)}`, {
      hint: 'Nothing was changed. Make room, or copy to another place.',
    });
  }
  return new EcshError('destination-unwritable', `Cannot write ${path}${because(reason)}`, {
    hint: 'Check the rights to it, and that its file system is not read-only.',
  });
}

export function copyDamaged(path: string): EcshError {
  return new EcshError('copy-damaged', `What arrived for ${path} is not what was sent.`, {
    hint: 'Nothing was changed. Try again.',
  });
}

/** What could be copied has been. */
export function copyIncomplete(path: string, reasons: readonly string[]): EcshError {
  const shown = reasons.slice(0, SHOWN_REASONS);
  const more = reasons.length - shown.length;
  if (more > 0) shown.push(`… and ${more} more`);
  return new EcshError('copy-incomplete', `Not all of ${path} was copied.`, {
    hint: shown.join('\n') || 'The rest was.',
  });
}

const SHOWN_REASONS = 10;

export function copyFailed(path: string, reason: string): EcshError {
  return new EcshError('copy-failed', `Copying ${path} failed${because(reason)}`, {
    hint: 'Nothing was changed.',
  });
}

export function toolMissing(tool: string): EcshError {
  const what = tool === 'tar' ? 'A directory' : 'A file';
  return new EcshError('image-lacks-tools', `The image lacks ${tool}. ${what} needs it.`, {
    hint:
      tool === 'tar'
        ? 'Copy single files, or use an image with tar (BusyBox has it).'
        : 'Use an image with coreutils or BusyBox.',
  });
}

/** A tar archive that would leave the directory it is unpacked in. */
export function archiveUnsafe(name: string): EcshError {
  return new EcshError('archive-unsafe', `The container sent a file named ${name}.`, {
    hint: 'Nothing was written: it would have left the destination. Do not trust this container.',
  });
}

/** With -r, `-` is one that somebody else made. */
export function noArchive(reason: string): EcshError {
  return new EcshError('copy-failed', `What came by stdin is no tar archive${because(reason)}`, {
    hint: 'Nothing was changed. With -r, "-" is one that is not compressed:  tar -cf - DIR | ecsh cp -r - …',
  });
}

function because(reason: string): string {
  return reason === '' ? '.' : `: ${reason.replace(/\.?$/, '.')}`;
}
