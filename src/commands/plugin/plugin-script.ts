import { INSTALLED } from '#plugin/plugin-texts.ts';
import { PLUGIN_WORD } from './plugin-word.ts';

/** In each of our plugins: the script begins with it, and the executable has it in its bundle. */
export const PLUGIN_MARK = '# session-manager-plugin by ecsh';

/**
 * A session-manager-plugin as a shell script. What the AWS CLI asks before each session it answers by
 * itself, which is quick, but only while ecsh is there to take the session.
 *
 * @param ownWords what starts ecsh: the executable, or Node.js and a script
 */
export function pluginScript(ownWords: readonly string[], version: string): string {
  const missing = ownWords
    .filter((word) => word.startsWith('/'))
    .map((word) => `[ -e ${quoted(word)} ]`)
    .join(' && ');
  return `#!/bin/sh
${PLUGIN_MARK}; written by "ecsh plugin install"
${missing} || {
  echo 'session-manager-plugin: ecsh is gone. Run "ecsh plugin install" again, or remove this file.' >&2
  exit 127
}
case "$#$1" in
  0) printf ${quoted(INSTALLED.replaceAll('\n', '\\n'))}; exit ;;
  1--version) echo ${version}; exit ;;
esac
exec ${ownWords.map(quoted).join(' ')} ${PLUGIN_WORD} "$@"
`;
}

/** @param head the beginning of a file */
export function isPluginScript(head: string): boolean {
  return head.startsWith(`#!/bin/sh\n${PLUGIN_MARK}`);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
