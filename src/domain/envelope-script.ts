/**
 * The POSIX sh that `exec` runs around the user's command (DESIGN: "the envelope"). ECS Exec
 * gives one pseudo-terminal and nothing else; this makes three byte streams, an exit status and
 * a way to send signals of it. Every frame is one line of ASCII on the terminal:
 *
 *   from the container                            to the container
 *   NONCE FEATURES   the first line, see below    VNAME=VALUE   environment (printf %b escapes)
 *   pPID             process group of the command V             go: run the command
 *   1DATA, 2DATA     stdout, stderr               DDATA         stdin
 *   aBYTES           stdin taken                  E             end of stdin
 *   xSTATUS          the command has ended        KSIGNAL PID   signal the command's group
 *                                                 Q             stop, whoever still writes
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
 * Arguments: NONCE, OPTIONS (`w` wait for V, `i` stdin, `m` merge stderr), DIRECTORY or empty,
 * then the command. FEATURES: `t` or `-` terminal settings applied; `b` base64, `x` hexadecimal,
 * `-` no way to encode; `g` or `-` own process group. One line, since nothing is known of
 * newlines in the API's `command`.
 */
export const ENVELOPE_SCRIPT = [
  // 3 and 4: the terminal. The shell's own complaints would damage the frames.
  'n=$1 o=$2 d=$3; shift 3; exec 3<&0 4>&1 2>/dev/null; set -f;',
  "l=$(printf '\\n.') IFS=${l%.} L=$IFS;",
  'has() { command -v "$1" >/dev/null; };',
  't=- b=- g=-; stty -echo -opost -ixon -isig <&3 && t=t;',
  'if has dd; then',
  'if has base64; then b=b; enc() { base64; }; dec() { base64 -d; };',
  'elif has od; then b=x; enc() { od -An -v -tx1; }; dec() { while read -r l; do printf %b "$l"; done; }; fi; fi;',
  'S=$(command -v setsid) && g=g; H=$(command -v sh);',
  'printf \'\\n%s %s%s%s\\n\' "$n" $t $b $g; [ $b = - ] && exit;',
  // dd reads one line of the terminal in one call; `read` would take it byte by byte.
  'line() { l=$(dd bs=4096 count=1 <&3) && [ "$l" ]; };',
  'V=; case $o in *w*) while line; do case $l in V) break;; V*) V=$V${l#V}$L;; *) exit;; esac; done;; esac;',
  "feed() { trap '' PIPE; exec 5>&-; while line; do case $l in",
  'D*) printf \'%s\\n\' "${l#D}";; E) exec >&- 9>&-;;',
  'K*) l=${l#K} p=${l#* }; kill -s "${l% *}" -- "-$p" || kill -s "${l% *}" "$p";;',
  'Q) kill -s TERM 0;; esac; done; };',
  'drain() { exec 5>&- 9>&-; r=; while c=$(dd bs=65536 count=1; echo .) && c=${c%.} && [ "$c" ]; do k=${#c} c=$r$c r=;',
  'case $c in *"$L") ;; *) r=${c##*"$L"};; esac; printf %s "${c%"$r"}" | dec; printf \'a%s\\n\' $k >&4; done; };',
  'pump() { exec >&4; while c=$(dd bs=49152 count=1 | enc) && [ "$c" ]; do for l in $c; do printf \'%s%s\\n\' $1 "$l"; done; done; };',
  'go() { for l in $V; do v=$(printf %b. "${l#*=}"); export "${l%%=*}=${v%.}"; done;',
  '[ -z "$d" ] || cd -- "$d" 2>&5 || exit 126; case $o in *m*) e=1;; *) e=5;; esac;',
  'exec $S "$H" -c \'e=$1; shift; echo $$ >&9; echo p$$ >&4; exec "$@" 2>&$e 3<&- 4>&- 5>&- 9>&-\' sh $e "$@"; };',
  "run() { (go \"$@\"); s=$?; printf '\\001%s\\002' $n; printf '\\001%s\\002' $n >&5;",
  "exec <&- >&- 5>&-; printf 'x%s\\n' $s >&4; };",
  "guard() { trap '' HUP INT QUIT; trap 'exit 0' TERM; p=; while read -r l; do p=$l; done;",
  'case $p in done|"") ;; *) kill -s TERM -- "-$p" || kill -s TERM "$p"; sleep 2; kill -s KILL -- "-$p" || kill -s KILL "$p";; esac; };',
  // In the background, so that nobody waits for them: the session's hangup ends them. But `feed`
  // holds 9 until E, and with it the session: input that nobody reads blocks the agent (S-11).
  'input() { case $o in *i*) feed | drain & ;; *) { exec >&4 9>&-; feed; } & ;; esac; };',
  // `exec`, not a redirection of the group: dash would keep the old descriptor open for all inside.
  '{ exec 9>&1 >&4; { exec 5>&1 >&4; input | run "$@" | pump 1; } | pump 2; echo done >&9; } | guard',
].join(' ');
