/**
 * The POSIX sh that `exec` runs around the user's command (DESIGN: "the envelope"). ECS Exec
 * gives one pseudo-terminal and nothing else; this makes three byte streams, an exit status and
 * a way to send signals of it. Every frame is one line of ASCII on the terminal:
 *
 *   from the container                             to the container
 *   NONCE FEATURES   the first line, see below     VNAME=VALUE   environment (printf %b escapes)
 *                                                  WMORE         goes on with the line before
 *                                                  V=SCRIPT      in place of the third word of the command
 *   pPID             process group of the command  V             go: run the command
 *   1DATA, 2DATA     stdout, stderr                DDATA         stdin
 *   aBYTES           stdin taken                   E             end of stdin
 *   xSTATUS          the command has ended         KSIGNAL PID   signal the command's session
 *   u                no way to change the user     Q             stop, whoever still writes
 *                                                  XOFF, XON     anywhere: hold output, go on
 *
 * The processes, joined by pipes:
 *
 *   terminal → feed → drain → run ─ stdout → pump 1 → terminal
 *                              └── stderr → pump 2 → terminal          guard
 *
 * - `feed` reads the terminal and never blocks on writing, because the sender bounds what `drain`
 *   has not taken yet: a signal gets through whatever the command does with its stdin.
 * - `drain` gives the command an end of input only for E, which `feed` passes on as a line of one dot. When the terminal is
 *   gone it holds the input open until `guard` has ended the command: half of it must not look like all.
 * - `pump` takes what is there (dd, one read), encodes it and writes short lines, each in one
 *   write, so that the two streams never mix within a line.
 * - `run` ends each stream with SOH NONCE STX: whatever the command wrote stands before it. A
 *   background process that keeps the pipe open cannot hide that end.
 * - The command gets a session of its own (setsid), so neither its group nor `/dev/tty` is ours. A
 *   signal goes to its group and, where there is /proc, to every other process of its session.
 * - `guard` keeps the envelope open after a signal until that session is empty. It sees ours vanish
 *   (TerminateSession, a lost client) as the end of its input before the dots that mean "through",
 *   and ends the command: SIGTERM, two seconds, SIGKILL.
 * - Names begin with _: what the image exports must not get our values.
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
  '_n=$1 _o=$2 _d=$3 _u=$4; shift 4; exec 3<&0 4>&1 2>/dev/null; set -f; trap : TERM;',
  "_l=$(printf '\\n.') IFS=${_l%.} _L=$IFS;",
  'has() { command -v "$1" >/dev/null; }; say() { printf \'%s%s\\n\' "$_m" "$1"; };',
  '_t=- _b=- _i=x _g=- _m=; stty -echo -opost ixon -ixany -isig <&3 && _t=t;',
  'raw() { [ $_b = - ] && has tee && cksum </dev/null >/dev/null && [ -w /dev/fd/4 ] && _b=r; };',
  'dec() { while read -r _l; do printf %b "$_l"; done; };',
  'if has dd; then case $_o in *r*) raw;; esac;',
  'if has base64; then _i=b; dec() { base64 -d; }; [ $_b = - ] && _b=b; enc() { base64; };',
  'elif [ $_b = - ] && has od; then _b=x; enc() { od -An -v -tx1; }; fi; raw; fi;',
  '_S=$(command -v setsid) && _g=g; _H=$(command -v sh);',
  'printf \'\\n%s %s%s%s%s\\n\' "$_n" $_t $_b $_i $_g; [ $_b = - ] && exit; [ $_b = r ] && _m=$(printf \'\\001%s\' "$_n");',
  // dd reads one line of the terminal in one call; `read` would take it byte by byte.
  'line() { _l=$(dd bs=4096 count=1 <&3) && [ "$_l" ]; };',
  '_V=; case $_o in *w*) while line; do case $_l in V) break;; V*) _V=$_V${_l#V}$_L;; W*) _V=${_V%"$_L"}${_l#W}$_L;; *) exit;; esac; done;; esac;',
  "feed() { trap '' PIPE; exec 5>&-; while line; do case $_l in",
  'D*) printf \'%s\\n\' "${_l#D}";; E) echo .; exec >&-; echo . >&9;;',
  'K*) echo K >&9; _l=${_l#K}; hit "${_l% *}" "${_l#* }";;',
  'Q) kill -s TERM 0;; esac; done; };',
  'drain() { trap "" HUP; exec 5>&- 9>&-; _r= _x=; while _c=$(dd bs=65536 count=1; echo .) && _c=${_c%.} && [ "$_c" ]; do _k=${#_c} _c=$_r$_c _r=;',
  'case $_c in *."$_L") _x=1 _c=${_c%."$_L"};; *"$_L") ;; *) _r=${_c##*"$_L"};; esac; printf %s "${_c%"$_r"}" | dec; say a$_k >&4; done; [ "$_x" ] || sleep 3; };',
  'pump() { trap : TERM; exec >&4; if [ $_b = r ]; then raw$1; else',
  'while _c=$(dd bs=49152 count=1 | enc) && [ "$_c" ]; do for _l in $_c; do printf \'%s%s\\n\' $1 "$_l"; done; done; fi; };',
  'sum() { trap \'\' TERM; _s=$(cksum); say "s$1$_s" >&4; };',
  'raw1() { tee /dev/fd/4 | sum 1; }; raw2() { { trap : TERM; tee /dev/fd/6 | sum 2; } 6>&1 | lines; };',
  'lines() { trap \'\' TERM; while _c=$(dd bs=900 count=1; echo .) && _c=${_c%.} && [ "$_c" ]; do while [ "$_c" ]; do case $_c in',
  '*"$_L"*) say "2${_c%%"$_L"*}"; _c=${_c#*"$_L"};; *) say "3$_c"; _c=;; esac; done; done; };',
  // By what the image has; a name of a group only with those that take one.
  'as() { _U=${_u%%:*}; case $_U in *[!0-9]*) has id && ! id "$_U" >/dev/null && { echo "ecsh: no user $_U" >&5; exit 126; };; esac; _N=$(id -un "$_U") || _N=$_U; case $_N in *[!A-Za-z0-9_-]*|[0-9]*) ;; *) eval "_h=~$_N"; case $_h in /*) export HOME="$_h";; esac;; esac;',
  'if has gosu; then _a=gosu; elif has su-exec; then _a=su-exec; elif setpriv --reuid=0 --clear-groups true; then _a=setpriv;',
  'else case $_u in *:*) _a=;; *) if has runuser; then _a=runuser; elif has su; then _a=su; else _a=; fi;; esac; fi; [ "$_a" ]; };',
  'go() { for _l in $_V; do case $_l in =*) _v=$(printf %b. "${_l#=}"); shift 3; set -- sh -c "${_v%.}" "$@";; esac; done;',
  '[ -z "$_d" ] || cd -- "$_d" 2>&5 || exit 126; case $_o in *m*) _e=1;; *) _e=5;; esac;',
  'if [ "$_u" ]; then as || { say u >&4; exit 126; }; case $_a in runuser) set -- runuser -u "$_u" -- "$@";;',
  'su) set -- su -s "$_H" -c \'exec "$0" "$@"\' -- "$_u" "$@";;',
  'setpriv) case $_u in *:*) _G=${_u#*:};; *) _G=$(id -g "$_U") || _G=$_U;; esac;',
  '_k=--init-groups; id "$_U" >/dev/null || _k=--clear-groups; set -- setpriv --reuid="$_U" --regid="$_G" $_k "$@";;',
  '*) set -- $_a "$_u" "$@";; esac; fi;',
  'set -- ${_S:+"$_S"} "$_H" -c \'echo $$ >&9; printf "%s%s\\n" "$2" p$$ >&4; exec 2>&$1 3<&- 4>&- 5>&- 9>&-; shift 2;',
  'case $1 in -*) echo "$1: not found" >&2; exit 127;; esac; exec "$@"\' sh $_e "$_m" "$@";',
  // Last: a variable of the user's may have the name of one of ours.
  'for _l in $_V; do case $_l in =*) continue;; esac; _v=$(printf %b. "${_l#*=}"); export "${_l%%=*}=${_v%.}"; done; exec "$@"; };',
  'run() { (go "$@"); _s=$?; printf \'\\001%s\\002\' "$_n"; printf \'\\001%s\\002\' "$_n" >&5;',
  'exec <&- >&- 5>&-; say x$_s >&4; };',
  // Signals the command's group and what else is of its session; true where somebody is left.
  'hit() { kill -s "$1" -- "-$2" || kill -s "$1" "$2"; _r=$?; [ ! -e /proc/self/stat ] || _r=1; set +f; for _f in /proc/[0-9]*/stat; do',
  'read -r _l <"$_f" && _l=${_l##*") "} && case $_l in [ZX]*) ;; *) _l=${_l#* } _l=${_l#* } _g=${_l%% *} _l=${_l#* };',
  '[ "${_l%% *}" = "$2" ] || [ $_g = "$2" ] && _r=0 && [ $_g != "$2" ] && _f=${_f#/proc/} && kill -s "$1" "${_f%/*}";; esac; done; return $_r; };',
  "guard() { trap '' HUP INT QUIT; trap 'exit 0' TERM; _p= _k= _c=1; case $_o in *i*) _c=2;; esac;",
  'while [ $_c != 0 ] && read -r _l; do case $_l in .) _c=$((_c-1));; K) _k=1;; *) _p=$_l;; esac; done; [ "$_p" ] || return;',
  'if [ $_c = 0 ]; then [ -z "$_k" ] || while hit 0 "$_p"; do sleep .1 || sleep 1; done;',
  'else hit TERM "$_p"; sleep 2; hit KILL "$_p"; fi; };',
  // In the background, so that nobody waits for them: the session's hangup ends them. But `feed`
  // holds 9 until E, and with it the session: input that nobody reads blocks the agent (S-11).
  'input() { case $_o in *i*) feed | drain & ;; *) { exec >&4; feed; } & ;; esac; };',
  // `exec`, not a redirection of the group: dash would keep the old descriptor open for all inside.
  '{ trap : TERM; exec 9>&1 >&4; { trap : TERM; exec 5>&1 >&4; input | run "$@" | pump 1; } | pump 2; echo . >&9; } | guard',
].join(' ');
