import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isTooManyOpenFiles, tooManyOpenFiles } from '#domain/errors/too-many-open-files.ts';

/**
 * File descriptors that one session may need at once: for its websocket, the watcher's pipes and code that
 * is being loaded. On Linux, 8 were enough in each of 12 starts; with 7, a session was left behind.
 */
const SESSION_DESCRIPTORS = 12;

/**
 * Opens what a session may need and closes it again. Called before AWS starts one, because a process that
 * cannot open another descriptor cannot end a session either.
 *
 * @throws EcshError `too-many-open-files`
 */
export function requireDescriptors(): void {
  const opened: number[] = [];
  try {
    while (opened.length < SESSION_DESCRIPTORS) opened.push(openSync(devNull, 'r'));
  } catch (error) {
    if (isTooManyOpenFiles(error)) throw tooManyOpenFiles(error);
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}
