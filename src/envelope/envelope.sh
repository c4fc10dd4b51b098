# shellcheck shell=sh
# shellcheck disable=SC2086 # Words are split on purpose: IFS and `set -f` are ours.
#
# `exec` runs this around the user's command. ECS Exec gives one pseudo-terminal and nothing else;
# the envelope makes three exact byte streams, an exit status and a way to send signals out of it.
#
# Arguments: NONCE, OPTIONS (`w` wait for V without stty too, `i` stdin, `h` the command reads all of it,
# `m` merge stderr, `r` raw if possible), DIRECTORY or empty, USER or empty, then the command.
#
# Every frame is one line of ASCII on the terminal:
#
#   from the container                             to the container, each with its number in front
#   NONCE FEATURES   the first line, see below     BCOUNT        the next COUNT lines come together;
#                                                  COUNT~HALF~ where they are HALF x 2 KiB of stdin
#   pPID             process group of the command  VNAME=VALUE   a variable (printf %b escapes)
#   1DATA., 2DATA.   stdout, stderr                V=SCRIPT      replaces the command's third word
#   aLENGTH          characters of stdin taken     WMORE         continues the line before
#   xSTATUS          the command has ended         V             go: run the command
#   u                cannot change the user        DDATA         stdin
#   vNAME            cannot set this variable      E.LENGTH.SUM  end of stdin
#   g                stdin was damaged             KSIGNAL PID   signal the command's session
#                                                  Q             stop, even if something still writes
#                                                  XOFF, XON     anywhere: hold output, go on
#
# The agent may write an input message twice when its connection breaks (PROTOCOL S-8a). So each
# message is one line of at most 1024 bytes with the next number: a number that was seen is dropped,
# and a number that is missing means damage.
#
# The processes, joined by pipes; with `h` without hold:
#
#   terminal -> feed -> hold x 8 -> drain -> command -- stdout -> pump 1 -> terminal
#                                                '--- stderr -> pump 2 -> terminal       guard
#
# FEATURES, `-` for none: `t` terminal settings applied; output `b` base64, `x` hexadecimal, `r` raw,
# `-` impossible; input `b` base64, `x` escapes; `g` own process group.
#
# In the raw encoding stdout passes unchanged, readable in a session log, and every frame follows
# SOH NONCE: `2` is a line of stderr, `3` a piece of one without its end, and `s1CRC LENGTH`,
# `s2...` (cksum) show whether what arrived is what was written.
#
# All names begin with _ so that no variable of the image gets our values.

# 3 and 4: the terminal. Messages of the shell itself would damage the frames.
_n=$1 _o=$2 _d=$3 _u=$4
shift 4
exec 3<&0 4>&1 2>/dev/null
# The image may export SHELLOPTS=errexit.
case $- in *e*) _E=-e ;; *) _E= ;; esac
set +e
set -f
trap : TERM
# ksh93 waits for all of a pipeline only with this option.
[ -z "${KSH_VERSION-}" ] || { (set -o pipefail) && set -o pipefail; }
_l=$(printf '\n.')
_L=${_l%.}
IFS=$_L

has() { command -v "$1" >/dev/null; }
# One write for each line: those of others would come in between. That of toybox's printf takes several, and
# BusyBox's loses what it writes to a terminal when a child ends at that moment. $1 has no backslash.
say() { echo "$_m$1"; }

# What the image has.
_t=- _b=- _i=x _g=- _m='' _w=''
stty -echo -opost ixon -ixany -isig <&3 && _t=t
has tee && cksum </dev/null >/dev/null && [ -w /dev/fd/4 ] && _w=1
raw() { [ $_b = - ] && [ $_w ] && _b=r; }
# shellcheck disable=SC2059 # All of it is \ooo.
dec() { printf "$1"; }
if has dd; then
  case $_o in *r*) raw ;; esac
  if has base64; then
    _i=b
    dec() { echo "$1" | base64 -d; }
    [ $_b = - ] && _b=b
    enc() { base64; }
  elif [ $_b = - ] && has od; then
    _b=x
    enc() { od -An -v -tx1; }
  fi
  raw
fi
_S=$(command -v setsid) && _g=g
_H=$(command -v sh)
echo "$_L$_n $_t$_b$_i$_g"
[ $_b = - ] && exit
[ $_b = r ] && _m=$(printf '\001%s' "$_n")

# Reads numbered lines and acts on each once, until V (status 0). In canonical mode dd takes one line
# with each read. It never blocks on writing, because the client limits what drain has not taken yet:
# a signal gets through whatever the command does with its stdin.
_q=1 _k=1 _V=
feed() {
  while _c=$(dd bs=1024 count=$_k <&3) && [ "$_c" ]; do
    _k=1 _a=
    for _l in $_c; do
      case $_l in
        ":$_q"[A-Z]*) _l=${_l#":$_q"} _q=$((_q + 1)) ;;
        *)
          _l=${_l#:}
          [ "${_l%%[A-Z]*}" -lt $_q ] && continue
          say g >&4
          echo X >&9
          return 1
          ;;
      esac
      case $_l in
        D*) printf %s "${_l#D}" ;;
        B*)
          _l=${_l#B} _k=${_l%%"~"*}
          printf %s "${_l#"$_k"}"
          ;;
        K*)
          echo K >&9
          _l=${_l#K}
          hit "${_l% *}" "${_l#* }"
          ;;
        E*)
          printf %s "${_l#E}"
          exec >&-
          echo . >&9
          ;;
        Q) kill -s TERM 0 ;;
        V)
          _V=$_V$_a
          return 0
          ;;
        V*) _a=$_a$_L${_l#V} ;;
        W*) _a=$_a${_l#W} ;;
      esac
    done
    _V=$_V$_a
  done
  return 1
}

# A pipe more, for at least 48 KiB of lines that the command does not read yet: a line of 1024 bytes
# leaves less than a quarter of a page of the pipe empty.
hold() {
  exec 5>&- 9>&-
  exec dd bs=1024
}

# Gives the command its stdin, and the end of it only once all has arrived as it was sent. After the
# terminal is gone it holds the input open until guard has ended the command: half an input must not
# look like a whole one.
drain() {
  trap '' HUP PIPE
  LC_ALL=C
  exec 5>&- 9>&- 8>&1
  if [ $_w ]; then
    _s=$(exec 6>&1 && take | tee /dev/fd/8 8>&8 | cksum)
  else
    _s=$(exec 6>&1 && take >&8)
  fi
  IFS=" $_L"
  set -- $_s
  [ "$1 $2" = "=${3-${1#=}} ${4-$2}" ] && return
  case $1 in
    [=!]*)
      say g >&4
      (trap - HUP && exec sleep 999)
      ;;
  esac
  sleep 3
}

# Decodes stdin. Everything in the pipe comes in units of four characters, up to `.LENGTH.SUM-`. After
# `~HALF~` at least HALF x 2 KiB follow at once and are read together, since processes cost more than bytes.
take() {
  _r='' _t=0
  while _c=$(dd bs=65536 count=1) && [ "$_c" ]; do
    IFS='~' _n=0
    set -- $_c
    _c=$_r$1 _r=
    while [ $# -gt 1 ]; do
      _v=${3-}
      _n=$(($2 * 2048 - ${#_v})) _c=$_c$_v
      shift 2
    done
    [ $_n -lt 2048 ] || _c=$_c$(dd bs=1024 count=$((_n / 1024)))
    case $_c in
      *-) ;;
      *.*) _r=$_c ;;
    esac
    [ $((${#_c} % 4)) = 0 ] || _r=$_c
    [ "$_r" ] && continue
    IFS=.-
    set -- $_c
    # The pipes are free of it already, whatever the command does.
    say a${#1} >&4
    dec "$1"
    _t=$((_t + ${#1}))
    [ $# -gt 1 ] || continue
    if [ "$2" = $_t ]; then echo "=$3" >&6; else echo '!' >&6; fi
    return
  done
}

# Takes what is there with one read, encodes it and writes short lines, each in one write, so that
# the two streams never mix within a line. ksh93 writes 64 KiB at once: no more may come of one read.
# The end of a child would cut a write short, so a pump has none but those it waits for: `| :` behind it
# keeps ksh93 and zsh from running it in the process that has started the command.
pump() {
  trap : TERM
  exec >&4
  if [ $_b = r ]; then
    raw$1
  else
    while _c=$(dd bs=32768 count=1 | enc) && [ "$_c" ]; do
      # `echo`, since printf is no builtin of mksh; no line has a backslash.
      for _l in $_c; do echo "$1$_l."; done
    done
  fi
}
sum() {
  trap '' TERM
  _s=$(cksum)
  say "s$1$_s" >&4
}
raw1() { tee /dev/fd/4 4>&4 | sum 1; }
raw2() {
  {
    trap : TERM
    tee /dev/fd/6 6>&6 | sum 2
  } 6>&1 | lines
}
lines() {
  trap '' TERM
  while _c=$(dd bs=900 count=1; echo .) && _c=${_c%.} && [ "$_c" ]; do
    while [ "$_c" ]; do
      case $_c in
        *"$_L"*) printf %s "${_m}2${_c%%"$_L"*}$_L"; _c=${_c#*"$_L"} ;;
        *) printf %s "${_m}3$_c$_L"; _c= ;;
      esac
    done
  done
}

# Chooses the program that changes the user; a group needs one that takes it.
as() {
  _U=${_u%%:*}
  case $_U in
    *[!0-9]*)
      has id && ! id "$_U" >/dev/null && {
        echo "ecsh: There is no user $_U in the container. [user-not-found]" >&5
        exit 126
      }
      ;;
  esac
  _N=$(id -un "$_U") || _N=$_U
  case $_N in
    *[!A-Za-z0-9_-]* | [0-9]*) ;;
    *)
      _h=
      eval "_h=~$_N"
      case $_h in /*) export HOME="$_h" ;; esac
      ;;
  esac
  if has gosu; then
    _a=gosu
  elif has su-exec; then
    _a=su-exec
  elif setpriv --reuid=0 --clear-groups true; then
    _a=setpriv
  else
    case $_u in
      *:*) _a= ;;
      *) if has runuser; then _a=runuser; elif has su; then _a=su; else _a=; fi ;;
    esac
  fi
  [ "$_a" ]
}

# Becomes the command, in a session of its own (setsid), so that neither its group nor /dev/tty is ours.
go() {
  for _l in $_V; do
    case $_l in
      =*)
        _v=$(printf %b. "${_l#=}") || exit 1
        shift 3
        set -- sh -c "${_v%.}" "$@"
        ;;
    esac
  done
  # Some names the shell keeps to itself, such as UID.
  (give $_V) || {
    _c=$_V _V=''
    for _l in $_c; do
      if (give "$_l"); then
        _V=$_V$_L$_l
        continue
      fi
      has env || {
        say "v${_l%%=*}" >&4
        exit 126
      }
      _v=$(printf %b. "${_l#*=}")
      set -- "$(command -v env)" "${_l%%=*}=${_v%.}" "$@"
    done
  }
  [ -z "$_d" ] || CDPATH='' cd -- "$_d" >/dev/null || {
    echo "ecsh: The command cannot run in $_d. [workdir-unusable]" >&5
    exit 126
  }
  case $_o in *m*) _e=1 ;; *) _e=5 ;; esac
  if [ "$_u" ]; then
    as || {
      say u >&4
      exit 126
    }
    # shellcheck disable=SC2016
    case $_a in
      runuser) set -- runuser -u "$_u" -- "$@" ;;
      su) set -- su -s "$_H" -c 'exec "$0" "$@"' -- "$_u" "$@" ;;
      setpriv)
        case $_u in
          *:*) _G=${_u#*:} ;;
          *) _G=$(id -g "$_U") || _G=$_U ;;
        esac
        _k=--init-groups
        id "$_U" >/dev/null || _k=--clear-groups
        set -- setpriv --reuid="$_U" --regid="$_G" $_k "$@"
        ;;
      *) set -- $_a "$_u" "$@" ;;
    esac
  fi
  # shellcheck disable=SC2016 # For the inner sh.
  set -- ${_S:+"$_S"} "$_H" -c 'set +x; echo $$ >&9; echo "$2p$$" >&4; exec 2>&$1 3<&- 4>&- 5>&- 8<&- 9>&-; shift 2; case $1 in -*) echo "$1: not found" >&2; exit 127;; esac; exec "$@"' sh $_e "$_m" "$@"
  set +f $_E
  give $_V
  # mksh and ksh93 close what is not named here.
  exec "$@" 4>&4 5>&5 9>&9
}

# Ends each stream with SOH NONCE STX, after everything that the command wrote. A background process
# that keeps the pipe open cannot hide that end.
run() {
  case $_o in
    *i*)
      # The pipe to the command is made here: shells of the ksh family keep copies of older ones, for
      # whose end it would wait. In the background, since the command may not read to the end.
      exec 8<&0
      { drain <&8 & } | (go "$@")
      ;;
    *) (go "$@") </dev/null ;;
  esac
  _s=$?
  # ksh93 reports signals as 256 + n, yash as 384 + n.
  while [ $_s -gt 255 ]; do _s=$((_s - 128)); done
  _c=$(printf '\001%s\002' "$_n")
  printf %s "$_c"
  printf %s "$_c" >&5
  exec <&- >&- 5>&- 8<&-
  say x$_s >&4
}

# Signals the command's group and, where there is /proc, all else in its session; true while
# something is left there.
hit() {
  # BusyBox signals the group and then fails at "--", which only others need.
  kill -s "$1" -- "-$2" || kill -s 0 "-$2" || kill -s "$1" "$2"
  _r=$?
  [ ! -e /proc/self/stat ] || _r=1
  set +f
  for _f in /proc/[0-9]*/stat; do
    read -r _l <"$_f" && _l=${_l##*") "} && case $_l in
      [ZX]*) ;;
      *)
        _l=${_l#* } _l=${_l#* } _g=${_l%% *} _l=${_l#* }
        [ "${_l%% *}" = "$2" ] || [ $_g = "$2" ] && _r=0 && [ $_g != "$2" ] && _f=${_f#/proc/} && kill -s "$1" "${_f%/*}"
        ;;
    esac
  done
  set -f
  return $_r
}

# Keeps the envelope open after a signal until the command's session is empty. A line of one dot
# means that an end is done with. If its input ends earlier, ours has vanished (TerminateSession, a
# lost client); then, and for X, it ends the command: SIGTERM, two seconds, SIGKILL.
guard() {
  trap '' HUP INT QUIT
  trap 'exit 0' TERM
  # bash and ksh93 take it for the time limit of `read`.
  TMOUT=0
  _p='' _k='' _c=1
  case $_o in *i*) _c=2 ;; esac
  while [ $_c != 0 ] && read -r _l; do
    case $_l in
      .) _c=$((_c - 1)) ;;
      K) _k=1 ;;
      X) break ;;
      *) _p=$_l ;;
    esac
  done
  [ "$_p" ] || return
  if [ $_c = 0 ]; then
    [ -z "$_k" ] || while hit 0 "$_p"; do sleep .1 || sleep 1; done
  else
    hit TERM "$_p"
    sleep 2
    hit KILL "$_p"
  fi
}

# In the background, so that nothing waits for them: the session's hangup ends them. But feed holds
# 9 until E, and with it the session: input that is not read blocks the agent (S-11).
input() {
  case $_o in
    *h*)
      LC_ALL=C
      feed_stdin &
      ;;
    *i*)
      LC_ALL=C
      feed_stdin | hold | hold | hold | hold | hold | hold | hold | hold &
      ;;
    *)
      {
        exec >&4 5>&-
        feed
      } &
      ;;
  esac
}
feed_stdin() {
  trap '' PIPE
  exec 5>&-
  feed
}

# Nothing runs before the client is there: one that is killed at the start has told its watcher by then. Without
# stty the line would be echoed into the output, so there only what needs lines waits.
case $_t$_o in t* | *w*) feed || exit ;; esac
# `exec`, not a redirection of the group: dash would keep the old descriptor open for all inside.
{
  trap : TERM
  exec 9>&1 >&4
  {
    trap : TERM
    exec 5>&1 >&4
    input | run "$@" | pump 1 | :
  } | pump 2 | :
  echo . >&9
} | guard
