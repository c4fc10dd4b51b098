/*
 * Runs a command, or a shell, as another user of the container, on the terminal. `exec` has the same
 * within its envelope; here no byte may come between the command and its terminal. su comes last:
 * that of util-linux takes the terminal away from the command.
 *
 * Arguments: USER or USER:GROUP, SHELL or empty, then the command; without one, a shell.
 */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is sh
const AS_USER = [
  'u=$1 s=$2; shift 2; has() { command -v "$1" >/dev/null 2>&1; };',
  '[ $# -gt 0 ] || { [ "$s" ] && set -- "$s"; } || { has bash && set -- bash || set -- sh; };',
  'n=${u%%:*}; [ "$u" ] || exec "$@";',
  'case $n in *[!0-9]*) has id && ! id "$n" >/dev/null 2>&1 && { echo "ecsh: There is no user $n in the container. [user-not-found]" >&2; exit 126; };; esac;',
  'm=$(id -un "$n" 2>/dev/null) || m=$n; case $m in *[!A-Za-z0-9_-]*|[0-9]*) ;; *) eval "h=~$m"; case $h in /*) export HOME="$h";; esac;; esac;',
  'export USER="$m" LOGNAME="$m";',
  'if has gosu; then exec gosu "$u" "$@"; elif has su-exec; then exec su-exec "$u" "$@";',
  'elif setpriv --reuid=0 --clear-groups true 2>/dev/null; then case $u in *:*) g=${u#*:};; *) g=$(id -g "$n" 2>/dev/null) || g=$n;; esac;',
  'k=--init-groups; id "$n" >/dev/null 2>&1 || k=--clear-groups; exec setpriv --reuid="$n" --regid="$g" $k "$@"; fi;',
  'case $u in *:*) ;; *) if has runuser; then exec runuser -u "$n" -- "$@"; fi;',
  'if has su; then exec su -s "$(command -v sh)" -c \'exec "$0" "$@"\' -- "$n" "$@"; fi;; esac;',
  'echo "ecsh: The image has nothing to switch users with: su, setpriv, runuser, gosu or su-exec. [user-switch-missing]" >&2; exit 126',
].join(' ');
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: it is sh

export interface TerminalProgram {
  /** USER or USER:GROUP; undefined: the user of the container. */
  readonly user?: string | undefined;
  /** The shell to start instead of bash or sh. */
  readonly shell?: string | undefined;
  /** Undefined means a shell. */
  readonly argv?: readonly string[] | undefined;
}

/** The argument vector for the terminal; undefined: the shell that is found there. */
export function terminalProgram(program: TerminalProgram): readonly string[] | undefined {
  const { user, shell, argv } = program;
  if (user === undefined) return argv ?? (shell === undefined ? undefined : [shell]);
  return ['sh', '-c', AS_USER, 'ecsh', user, shell ?? '', ...(argv ?? [])];
}
