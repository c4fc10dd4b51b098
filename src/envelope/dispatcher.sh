#!/bin/sh
# Runs any number of commands in one ECS Exec session, each with its own streams, status and signals.
# Started as `sh -c SCRIPT ecsh NONCE`. With set -m each command gets a process group, and SIGINT and SIGQUIT
# are not ignored in it for good, as POSIX demands of `command &` otherwise.
#
# The lines of both directions are listed in dispatcher-lines.ts. Every line to the container has a number;
# one that is not greater than the last was written twice by the agent (PROTOCOL S-8a) and is dropped.
#
#   dispatcher -- started per command: [ : | drain | ] { run | pump 2; } | pump 1          guard
#
# - The dispatcher alone reads the terminal. It writes to pipes in which the client has left room, and
#   nowhere else; everything that could block runs in the background.
# - drain, run and both pumps write whole lines of less than 1000 bytes to the terminal, each in one write.
#   The kernel lets writers take turns, so a stream without end delays the others by a line or two.
# - No shell that writes to the terminal is ever signalled while the session lasts: a signal cuts a write
#   short. The pumps ignore TERM; only the dd in them does not.
# - Pipes are written through /proc/PID/fd, so no FIFO and no writable folder is needed. Their readers hold
#   them open for reading and writing: only a line, never an accident, ends the input of a command.
# - guard sees the dispatcher vanish (TerminateSession, a lost client) as the end of its input and ends every
#   command: TERM, two seconds, KILL. Commands register with it before they begin.
# - Names begin with _, so that a variable of the image never gets one of our values.

# bash takes functions from its environment. None may stand for a program that the script needs.
case ${BASH_VERSION+x} in
  x) unset -f printf echo read command kill wait sleep jobs cd dd base64 od stty setsid env id ;;
esac
# The image may export SHELLOPTS, and commands get it as it was.
case $- in *e*) _E=-e ;; *) _E= ;; esac
set +e -f
_n=$1
exec 3<&0 4>&1 2>/dev/null
_L=$(printf '\n.')
_L=${_L%.}
_M=$(printf '\001%s\002' "$_n")
IFS=$_L
# bash and ksh93 would end every `read` after TMOUT seconds; commands get it back.
_T=${TMOUT+x$TMOUT}
unset TMOUT

has() { command -v "$1" >/dev/null; }
# One write for each line: those of others would come in between. That of toybox's printf takes several, and
# BusyBox's loses what it writes to a terminal when a child ends at that moment. $1 has no backslash.
say() { echo "$1" >&4; }
# This process: its id _P and its process group _G.
me() {
  read -r _P </proc/self/stat
  _G=${_P##*") "}
  _P=${_P%% *}
  _G=${_G#* }
  _G=${_G#* }
  _G=${_G%% *}
}

# What the image has.
_t=- _b=- _i=x _g=- _j=-
stty -echo -opost -ixon -isig -iexten -tostop icanon <&3 && _t=t
# After stty: mksh gives the terminal back the settings that it had here.
set -m
case $- in *m*) _j=m ;; esac
# ksh93 runs the last part of a pipeline itself, and reports signals otherwise: no sharing there.
case ${KSH_VERSION-} in '' | *MIRBSD*) ;; *) _j=- ;; esac
dec() { while read -r _l; do printf %b "$_l"; done; }
if has base64; then
  _b=b _i=b
  dec() { base64 -d; }
  if base64 -w 900 </dev/null; then enc() { base64 -w 900; }; else enc() { base64; }; fi
elif has od; then
  _b=x
  enc() { od -An -v -tx1; }
fi
has dd || _b=-
_S=$(command -v setsid) && _g=g
_H=$(command -v sh)

# Sends a signal to a command: its group and its session, or without setsid its children and theirs.
# True where a process is left.
hit() {
  _r=1 _t='' _k='' _a=" $2 "
  if [ "$_S" ]; then
    # BusyBox signals the group and then fails at "--", which only others need.
    { kill -s "$1" -- "-$2" || kill -s 0 "-$2" || kill -s "$1" "$2"; } && _r=0
  else
    _t=$2
  fi
  until [ "$_k" = "$_a" ]; do
    _k=$_a
    set +f
    for _f in /proc/[0-9]*/stat; do
      read -r _l <"$_f" && _f=${_f#/proc/} && _f=${_f%/*} && _l=${_l##*") "} || continue
      case $_l$_a in [ZX]* | *" $_f "*) continue ;; esac
      _l=${_l#* } _p=${_l%% *} _l=${_l#* } _q=${_l%% *} _l=${_l#* } _l=${_l%% *}
      [ "$_S" ] || _q=- _l=-
      case $_a$2,$_q,$_l, in *" $_p "* | *",$2,"*) ;; *) continue ;; esac
      _a="$_a$_f "
      [ "$_q" = "$2" ] || _t="$_t $_f"
      _r=0
    done
    set -f
  done
  IFS=' '
  for _f in $_t; do kill -s "$1" "$_f" && _r=0; done
  IFS=$_L
  return $_r
}

# Reads lines "+KEY=PID" and "-KEY": commands, and after a "!" shells of ours, which end last.
# Its input has no end until the dispatcher has opened its own way in (fd 9).
guard() {
  trap '' HUP INT QUIT TERM
  exec 7<>/proc/self/fd/0
  read -r _l <&7
  exec 0</proc/self/fd/7 7>&- 3<&- 4>&- >/dev/null
  _c=' '
  list
  [ "$_c" = ' ' ] && exit
  each TERM
  sleep 2
  # A command that was just about to begin.
  list
  each KILL
}
list() {
  while read -r _l; do
    case $_l in
      +*) _c="$_c${_l#+} " ;;
      *) _l=" ${_l#-}="; case $_c in *"$_l"*) _p=${_c#*"$_l"} _c="${_c%%"$_l"*} ${_p#* }" ;; esac ;;
    esac
  done
}
# Groups first, which takes no time; then what has left them.
each() {
  IFS=' '
  for _d in $_c; do
    case $_d in *!*) [ "$1" = TERM ] || kill -s KILL -- "${_d#*!}" ;; *) kill -s "$1" -- "-${_d#*=}" ;; esac
  done
  for _d in $_c; do
    case $_d in *!*) ;; *) hit "$1" "${_d#*=}" ;; esac
  done
  IFS=$_L
}
note() { echo "$1" >"/proc/$_W/fd/0"; }

# stdin of a command: lines "N D PID ID:INDEX DATA", the last with "." for its data.
drain() {
  trap '' PIPE HUP INT TERM
  exec 9>&-
  case $_O in *h*) exec 7<&0 ;; *) intake ;; esac
  _k=0 _x= _r=
  while [ -z "$_x" ]; do
    _c=$_r$(dd bs=65536 count=1 <&7; echo .)
    # The pipe itself has ended: half an input must not look like a whole one.
    [ "$_c" = "$_r." ] && { say "g$_I"; exec sleep 60; }
    set -- $_c
    _d= _s=$((${#_c} - 1))
    while [ $# -gt 1 ]; do
      case $1 in
        *" $_I:$_k .") _x=1 _k=-1 ;;
        *" $_I:$_k "*) _d=$_d${1#*":$_k "}$_L _k=$((_k + 1)) ;;
        # Not counted: the client has counted a line that the agent wrote twice only once.
        *" $_I:"*) _s=$((_s - ${#1} - 1)); late "${1#*" $_I:"}" ;;
      esac
      shift
    done
    _r=${1%.}
    # The pipe is free of it already, whatever the command does.
    say "a$_I $((_s - ${#_r}))"
    [ "$_d" ] && printf %s "$_d" | dec
  done
  note "-i$_I"
}

intake() {
  exec 7<>/proc/self/fd/0
  me
  note "+i$_I=!-$_G"
  say "i$_I $_P"
}
# With option h: four pipes more before drain, so that more lines may be under way. X ends the first of them.
first() {
  exec 9>&-
  intake
  exec dd bs=1024 <&7 7<&7
}
hold() {
  exec 9>&-
  exec dd bs=1024
}

# Not the line that is due: one from before was written twice, one from later means that some are lost.
late() {
  [ $_k -ge 0 ] && [ "${1%% *}" -gt $_k ] && say "g$_I"
}

# One stream of a command: what is there (one read) becomes lines "STREAM ID:INDEX DATA". The first 64 KiB
# go at once; beyond that the client says how much it takes.
pump() {
  trap '' TERM HUP INT
  me
  [ "$1" = 2 ] || note "+g$_I=!-$_G"
  say "q$1$_I $_P"
  _k=0 _w=65536 _z=
  exec 5>&- 6>&- 9>&- >&4
  chunks "$1"
  [ "$_z" ] || { exec 6<&0; : | credited "$1"; }
  echo "e$1$_I"
  [ "$1" = 2 ] || note "-g$_I"
}
chunks() {
  while [ $_w -gt 0 ]; do
    # Little credit means that others wait for the terminal: no more than that is read.
    _s=$((_w * 3 / 4 + 1))
    [ $_s -ge 8192 ] || _s=8192
    [ $_s -le 32768 ] || _s=32768
    _c=$(trap - TERM; dd bs=$_s count=1 | enc)
    [ "$_c" ] || { _z=1; return; }
    for _l in $_c; do
      echo "$1$_I:$_k $_l"
      _k=$((_k + 1)) _w=$((_w - ${#_l}))
    done
  done
}
credited() {
  exec 8<>/proc/self/fd/0 0<&6
  me
  echo "w$1$_I $_P"
  while [ -z "$_z" ]; do
    while [ $_w -le 0 ]; do
      read -r _a <&8
      if [ "$_a" = . ]; then _z=1; break; fi
      _w=$((_w + _a))
    done
    [ "$_z" ] || chunks "$1"
  done
}

# Runs the command of the request in $_V as a child and reports its status.
run() {
  trap : TERM
  exec 6>&- 9>&-
  (go)
  _s=$?
  # ksh93 reports signals as 256 + n, yash as 384 + n.
  while [ $_s -gt 255 ]; do _s=$((_s - 128)); done
  exec <&- >&- 5>&-
  say "x$_I $_s"
  note "-$_I"
}
go() {
  me
  exec 7<&-
  case $_O in *l*) log ;; esac
  _d='' _u='' _v=
  set --
  for _l in $_V; do
    case $_l in
      A*) word "${_l#A}"; set -- "$@" "$_v" ;;
      w*) word "${_l#w}"; _d=$_v ;;
      u*) word "${_l#u}"; _u=$_v ;;
    esac
  done
  [ -z "$_d" ] || CDPATH='' cd -- "$_d" 2>/dev/null >&2 || {
    say "n$_I"
    echo "ecsh: The command cannot run in $_d. [workdir-unusable]" >&5
    exit 126
  }
  # Some names the shell keeps to itself, such as UID: env sets them.
  _e=
  (give $_V) && _e=$_V || for _l in $_V; do
    case $_l in V*) ;; *) continue ;; esac
    if (give "$_l"); then
      _e=$_e$_l$_L
    else
      _l=${_l#V}
      has env || { say "v$_I ${_l%%=*}"; exit 126; }
      word "${_l#*=}"
      set -- "$(command -v env)" "${_l%%=*}=$_v" "$@"
    fi
  done
  if [ "$_u" ]; then
    as || { say "u$_I"; exit 126; }
    case $_a in
      runuser) set -- runuser -u "$_u" -- "$@" ;;
      su) set -- su -s "$_H" -c 'exec "$0" "$@"' -- "$_u" "$@" ;;
      setpriv)
        case $_u in *:*) _g=${_u#*:} ;; *) _g=$(id -g "$_U") || _g=$_U ;; esac
        _k=--init-groups
        id "$_U" >/dev/null || _k=--clear-groups
        set -- setpriv --reuid="$_U" --regid="$_g" $_k "$@"
        ;;
      *) set -- $_a "$_u" "$@" ;;
    esac
  fi
  set -- ${_S:+"$_S"} "$_H" -c 'case $1 in -*) echo "$1: not found" >&2; exit 127 ;; esac; exec "$@"' sh "$@"
  note "+$_I=$_P" || exit
  say "p$_I $_P $_G"
  [ -z "$_T" ] || export TMOUT="${_T#x}"
  case $_O in *m*) exec 5>&1 ;; esac
  set +fm $_E
  # Last: a variable of the user's may have the name of one of ours.
  IFS=$_L
  give $_e
  # mksh and ksh93 close what is not named here.
  exec "$@" 2>&5 3<&- 4>&- 5>&- 6>&- 9>&-
}
# Sets the variables of the request that the shell lets be set.
give() {
  while [ $# -gt 0 ]; do
    case $1 in
      V*) put "${1#V}" || return 1 ;;
    esac
    shift
  done
}
put() {
  case $1 in
    *\\*) set -- "${1%%=*}" "$(printf %b. "${1#*=}")" ;;
    *) set -- "${1%%=*}" "${1#*=}." ;;
  esac
  export "$1=${2%.}"
}

# For the log of the session: the command in clear, in front of all that it writes.
log() {
  _d='# ecsh:'
  for _l in $_V; do
    case $_l in
      A*[!A-Za-z0-9_./:=,@%+-]* | A) _d="$_d '${_l#A}'" ;;
      A*) _d="$_d ${_l#A}" ;;
    esac
  done
  while [ ${#_d} -gt 900 ]; do
    _l=$(printf %.900s "$_d")
    printf %s "$_l$_L" >&4
    _d="# ecsh+ ${_d#"$_l"}"
  done
  printf %s "$_d$_L" >&4
}
# Words are sent for printf %b where they have anything that could be mistaken.
word() {
  case $1 in *\\*) _v=$(printf %b. "$1"); _v=${_v%.} ;; *) _v=$1 ;; esac
}

# Changes the user by what the image has, and sets HOME to the new user's.
as() {
  _U=${_u%%:*}
  case $_U in *[!0-9]*) has id && ! id "$_U" >/dev/null && { say "n$_I"; echo "ecsh: There is no user $_U in the container. [user-not-found]" >&5; exit 126; } ;; esac
  _N=$(id -un "$_U") || _N=$_U
  case $_N in
    *[!A-Za-z0-9_-]* | [0-9]*) ;;
    *) eval "_h=~$_N"; case $_h in /*) export HOME="$_h" ;; esac ;;
  esac
  if has gosu; then _a=gosu
  elif has su-exec; then _a=su-exec
  elif setpriv --reuid=0 --clear-groups true; then _a=setpriv
  else case $_u in *:*) _a= ;; *) if has runuser; then _a=runuser; elif has su; then _a=su; else _a=; fi ;; esac
  fi
  [ "$_a" ]
}

both() {
  exec 9>&-
  run 5>&1 >&6 | pump 2
}
# The command of the request. Options: i stdin, h much of it, m stderr goes where stdout goes, l write it to the log.
start() {
  case $_O in
    *ih*m*) : | first | hold | hold | hold | hold | drain | run 5>&1 | pump 1 & ;;
    *ih*) : | first | hold | hold | hold | hold | drain | both 6>&1 | pump 1 & ;;
    *i*m*) : | drain | run 5>&1 | pump 1 & ;;
    *i*) : | drain | both 6>&1 | pump 1 & ;;
    *m*) run 5>&1 </dev/null | pump 1 & ;;
    *) both 6>&1 </dev/null | pump 1 & ;;
  esac
}

# True once the guard holds its input open: bash has pipes of its own on low descriptors before that.
up() {
  while read -r _l; do case $_l in flags:*2) return 0 ;; esac; done <"/proc/$_W/fdinfo/7"
  return 1
}
: | guard &
_W=$! _k=0
# 3000 looks take less than a tenth of a second; on a busy machine the guard may need longer to begin.
until up || [ $_k = 3100 ]; do
  _k=$((_k + 1))
  [ $_k -lt 3000 ] || sleep .02 || sleep 1
done
_p=-
exec 9>"/proc/$_W/fd/7" && echo >&9 && _p=p
echo "$_L$_n $_t$_b$_i$_g$_j$_p"
case $_t$_b$_j$_p in *-*) exit ;; esac

# A process that ends between the opening of its pipe and a write to it must not end the dispatcher.
trap : PIPE
_m=0 _V=
while read -r _l; do
  _q=${_l%% *}
  case $_q in '' | *[!0-9]*) continue ;; esac
  [ "$_q" -gt $_m ] || continue
  _m=$_q _c=${_l#* }
  case $_c in
    [AVwu]*) _V=$_V$_c$_L ;;
    # Goes on with the line before.
    +*) _V=${_V%"$_L"}${_c#+}$_L ;;
    # R ID OPTIONS: run what has been collected.
    R*)
      _c=${_c#R} _I=${_c%% *} _O=${_c#* }
      start
      _V=
      jobs >/dev/null
      ;;
    # D PID ...: a line of stdin. B PID COUNT: so many of them follow at once.
    D*) _c=${_c#D} && printf %s "$_l$_L" >"/proc/${_c%% *}/fd/7" ;;
    B*) _c=${_c#B} && _=$(dd bs=1024 count="${_c#* }" >"/proc/${_c%% *}/fd/7") ;;
    # C PID BYTES: a pump may send so much more, or "." for nothing more.
    C*) _c=${_c#C} && echo "${_c#* }" >"/proc/${_c%% *}/fd/8" ;;
    # M PID ID: mark the end of what the command has written, where something else holds its stream open.
    M*) _c=${_c#M} && { exec 9>&-; printf %s "$_M" >"/proc/${_c%% *}/fd/0"; } & ;;
    # X PID: all of stdin has been taken.
    X*) kill -s TERM "${_c#X}" ;;
    # F GROUP: end the pumps of a group.
    F*) { exec 9>&-; while kill -s TERM -- "-${_c#F}" || kill -s 0 "-${_c#F}"; do sleep .2 || sleep 1; done; } & ;;
    # K SIGNAL PID: signal a command. E PID: say so when nothing is left of it.
    K*) _c=${_c#K} && { exec 9>&-; hit "${_c% *}" "${_c#* }"; } & ;;
    E*) _c=${_c#E} && { exec 9>&-; note "+k$_c=$_c"; while hit 0 "$_c"; do sleep .2 || sleep 1; done; note "-k$_c"; say "k$_c"; } & ;;
    # T: forget what has ended.
    T) jobs >/dev/null ;;
    Q) exit ;;
  esac
done
