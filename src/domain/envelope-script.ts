/**
 * The POSIX sh that `exec` runs around the user's command (DESIGN: "the envelope"). ECS Exec
 * gives one pseudo-terminal and nothing else; this makes three byte streams, an exit status and
 * a way to send signals of it. Every frame is one line of ASCII on the terminal:
 *
 *   from the container                             to the container
 *   NONCE FEATURES   the first line, see below     VNAME=VALUE   environment (printf %b escapes)
 *   pPID             process group of the command  V             go: run the command
 *   1DATA, 2DATA     stdout, stderr                DDATA         stdin
 *   aBYTES           stdin taken                   E             end of stdin
 *   xSTATUS          the command has ended         KSIGNAL PID   signal the command's group
 *   u                no way to change the user     Q             stop, whoever still writes
 *
 * The processes, joined by pipes:
 *
 *   terminal → feed → drain → run ─ stdout → pump 1 → terminal
 *                              └── stderr → pump 2 → terminal          guard
 *
 * - `feed` reads the terminal and never blocks on writing, because the sender bounds what `drain`
 *   has not taken yet: a signal gets through whatever the command does with its stdin.
 * - `pump` takes what is there (dd, one read), encodes it and writes short lines, each in one
 *   write, so that the two streams never mix within a line.
 * - `run` ends each stream with SOH NONCE STX: whatever the command wrote stands before it. A
 *   background process that keeps the pipe open cannot hide that end.
 * - The command gets a session of its own (setsid), so neither its group nor `/dev/tty` is ours.
 * - `guard` sees the session vanish (TerminateSession, a lost client) as the end of its input
 *   without "done", and ends the command's group: SIGTERM, two seconds, SIGKILL.
 *
 * In the raw encoding stdout passes as it is, readable in a session log, and every frame stands
 * behind SOH NONCE: `2` is a line of stderr, `3` a piece of one without its end, and `s1CRC LENGTH`,
 * `s2…` (cksum) tell whether what arrived is what was written.
 *
 * Arguments: NONCE, OPTIONS (`w` wait for V, `i` stdin, `m` merge stderr, `r` raw if possible),
 * DIRECTORY and USER or empty, then the command. FEATURES, `-` for none: `t` terminal settings
 * applied; output `b` base64, `x` hexadecimal, `r` raw, `-` impossible; input `b` base64, `x`
 * escapes; `g` own process group. One line, since nothing is known of newlines in `command`.
 */
export const ENVELOPE_SCRIPT = [
  // 3 and 4: the terminal. The shell's own complaints would damage the frames.
  'n=$1 o=$2 d=$3 u=$4; shift 4; exec 3<&0 4>&1 2>/dev/null; set -f; trap : TERM;',
  "l=$(printf '\\n.') IFS=${l%.} L=$IFS;",
  'has() { command -v "$1" >/dev/null; }; say() { printf \'%s%s\\n\' "$m" "$1"; };',
  't=- b=- i=x g=- m=; stty -echo -opost -ixon -isig <&3 && t=t;',
  'raw() { [ $b = - ] && has tee && cksum </dev/null >/dev/null && [ -w /dev/fd/4 ] && b=r; };',
  'dec() { while read -r l; do printf %b "$l"; done; };',
  'if has dd; then case $o in *r*) raw;; esac;',
  'if has base64; then i=b; dec() { base64 -d; }; [ $b = - ] && b=b; enc() { base64; };',
  'elif [ $b = - ] && has od; then b=x; enc() { od -An -v -tx1; }; fi; raw; fi;',
  'S=$(command -v setsid) && g=g; H=$(command -v sh);',
  'printf \'\\n%s %s%s%s%s\\n\' "$n" $t $b $i $g; [ $b = - ] && exit; [ $b = r ] && m=$(printf \'\\001%s\' "$n");',
  // dd reads one line of the terminal in one call; `read` would take it byte by byte.
  'line() { l=$(dd bs=4096 count=1 <&3) && [ "$l" ]; };',
  'V=; case $o in *w*) while line; do case $l in V) break;; V*) V=$V${l#V}$L;; *) exit;; esac; done;; esac;',
  "feed() { trap '' PIPE; exec 5>&-; while line; do case $l in",
  'D*) printf \'%s\\n\' "${l#D}";; E) exec >&- 9>&-;;',
  'K*) l=${l#K} p=${l#* }; kill -s "${l% *}" -- "-$p" || kill -s "${l% *}" "$p";;',
  'Q) kill -s TERM 0;; esac; done; };',
  'drain() { exec 5>&- 9>&-; r=; while c=$(dd bs=65536 count=1; echo .) && c=${c%.} && [ "$c" ]; do k=${#c} c=$r$c r=;',
  'case $c in *"$L") ;; *) r=${c##*"$L"};; esac; printf %s "${c%"$r"}" | dec; say a$k >&4; done; };',
  'pump() { trap : TERM; exec >&4; if [ $b = r ]; then raw$1; else',
  'while c=$(dd bs=49152 count=1 | enc) && [ "$c" ]; do for l in $c; do printf \'%s%s\\n\' $1 "$l"; done; done; fi; };',
  'sum() { trap \'\' TERM; s=$(cksum); say "s$1$s" >&4; };',
  'raw1() { tee /dev/fd/4 | sum 1; }; raw2() { { tee /dev/fd/6 | sum 2; } 6>&1 | lines; };',
  'lines() { while c=$(dd bs=900 count=1; echo .) && c=${c%.} && [ "$c" ]; do while [ "$c" ]; do case $c in',
  '*"$L"*) say "2${c%%"$L"*}"; c=${c#*"$L"};; *) say "3$c"; c=;; esac; done; done; };',
  // By what the image has; a name of a group only with those that take one.
  'as() { U=${u%%:*}; N=$(id -un "$U") || N=$U; case $N in *[!A-Za-z0-9_-]*|[0-9]*) ;; *) eval "h=~$N"; case $h in /*) export HOME="$h";; esac;; esac;',
  'if has gosu; then a=gosu; elif has su-exec; then a=su-exec; elif setpriv --reuid=0 --clear-groups true; then a=setpriv;',
  'else case $u in *:*) a=;; *) if has runuser; then a=runuser; elif has su; then a=su; else a=; fi;; esac; fi; [ "$a" ]; };',
  'go() { for l in $V; do v=$(printf %b. "${l#*=}"); export "${l%%=*}=${v%.}"; done;',
  '[ -z "$d" ] || cd -- "$d" 2>&5 || exit 126; case $o in *m*) e=1;; *) e=5;; esac;',
  'if [ "$u" ]; then as || { say u >&4; exit 126; }; case $a in runuser) set -- runuser -u "$u" -- "$@";;',
  'su) set -- su -s "$H" -c \'exec "$0" "$@"\' -- "$u" "$@";;',
  'setpriv) case $u in *:*) G=${u#*:};; *) G=$(id -g "$U") || G=$U;; esac;',
  'k=--init-groups; id "$U" >/dev/null || k=--clear-groups; set -- setpriv --reuid="$U" --regid="$G" $k "$@";;',
  '*) set -- $a "$u" "$@";; esac; fi;',
  'exec $S "$H" -c \'e=$1 p=p$$; shift; echo $$ >&9; printf "%s%s\\n" "$1" $p >&4; shift; exec "$@" 2>&$e 3<&- 4>&- 5>&- 9>&-\' sh $e "$m" "$@"; };',
  'run() { (go "$@"); s=$?; printf \'\\001%s\\002\' "$n"; printf \'\\001%s\\002\' "$n" >&5;',
  'exec <&- >&- 5>&-; say x$s >&4; };',
  "guard() { trap '' HUP INT QUIT; trap 'exit 0' TERM; p=; while read -r l; do p=$l; done;",
  'case $p in done|"") ;; *) kill -s TERM -- "-$p" || kill -s TERM "$p"; sleep 2; kill -s KILL -- "-$p" || kill -s KILL "$p";; esac; };',
  // In the background, so that nobody waits for them: the session's hangup ends them. But `feed`
  // holds 9 until E, and with it the session: input that nobody reads blocks the agent (S-11).
  'input() { case $o in *i*) feed | drain & ;; *) { exec >&4 9>&-; feed; } & ;; esac; };',
  // `exec`, not a redirection of the group: dash would keep the old descriptor open for all inside.
  '{ trap : TERM; exec 9>&1 >&4; { trap : TERM; exec 5>&1 >&4; input | run "$@" | pump 1; } | pump 2; echo done >&9; } | guard',
].join(' ');
