# shellcheck shell=sh
# shellcheck disable=SC2086 # Words are split on purpose: IFS and `set -f` are ours.
#
# Runs a command, or the best shell of the image, on the remote terminal itself (`shell`, `exec -t`).
# TERM and size are right before the command's first byte, and its status follows its last one. Ctrl-C
# and Ctrl-\ are for the command: a trap that runs something is reset in children, so that only this
# sh survives (C-13).
#
# Arguments: NONCE, `w` to wait for variables or empty, TERM or empty, ROWS, COLS, DIRECTORY or empty,
# then the command.
#
# It speaks in escape sequences that no terminal shows (OSC, private text), should they ever reach one:
# `on` at once, `go` when it waits for variables, `gap` when a line of them is missing, and at the end the status.
#
# Names begin with ecsh_: a variable that the image exports must not reach the command with our value.

# The image may export SHELLOPTS=errexit.
case $- in *e*) ecsh_e=-e ;; *) ecsh_e= ;; esac
set +e
ecsh_n=$1 ecsh_w=$2 ecsh_d=$6
# One write: what the command's processes write would come in between.
say() { printf %s "$(printf '\033]ecsh;%s;%s\007' "$ecsh_n" "$1")"; }
[ -z "$3" ] || export TERM="$3"
stty rows $4 cols $5 2>/dev/null
shift 6
trap : INT QUIT
say on

# Values travel in numbered lines, as in envelope.sh, and not in the command string, which CloudTrail
# keeps. Not in canonical mode, in which what is typed after them would wait for Enter.
ecsh_v=
if [ "$ecsh_w" ]; then
  # bash and ksh93 take TMOUT for the time limit of `read`.
  ecsh_t=${TMOUT+x$TMOUT}
  TMOUT=0
  ecsh_q=1 ecsh_i=$(printf '\n.')
  stty -echo -icanon 2>/dev/null
  say go
  while read -r ecsh_l; do
    case $ecsh_l in
      ":$ecsh_q"[A-Z]*) ecsh_l=${ecsh_l#":$ecsh_q"} ecsh_q=$((ecsh_q + 1)) ;;
      *)
        ecsh_l=${ecsh_l#:}
        [ "${ecsh_l%%[A-Z]*}" -lt $ecsh_q ] 2>/dev/null && continue
        say gap
        exit 255
        ;;
    esac
    case $ecsh_l in
      V) break ;;
      V*) ecsh_v=$ecsh_v${ecsh_i%.}${ecsh_l#V} ;;
      W*) ecsh_v=$ecsh_v${ecsh_l#W} ;;
    esac
  done
  stty echo icanon 2>/dev/null
  if [ "$ecsh_t" ]; then export TMOUT="${ecsh_t#x}"; else unset TMOUT; fi
  IFS=${ecsh_i%.}
  set -f
fi

ecsh_g=
for ecsh_l in $ecsh_v; do
  case $ecsh_l in
    # A script, which replaces the third word of the command.
    =*)
      ecsh_l=$(printf %b. "${ecsh_l#=}")
      shift 3
      set -- sh -c "${ecsh_l%.}" "$@"
      ;;
    *)
      # Some names the shell keeps to itself, such as UID.
      if (give "$ecsh_l") 2>/dev/null; then
        ecsh_g=$ecsh_g$IFS$ecsh_l
        continue
      fi
      command -v env >/dev/null || {
        echo "ecsh: this shell does not let ${ecsh_l%%=*} be set, and there is no env"
        say 126
        exit
      }
      ecsh_t=$(printf %b. "${ecsh_l#*=}")
      set -- "$(command -v env)" "${ecsh_l%%=*}=${ecsh_t%.}" "$@"
      ;;
  esac
done
if [ $# = 0 ]; then
  if command -v bash >/dev/null 2>&1; then set -- bash; else set -- sh; fi
fi
(
  [ -z "$ecsh_d" ] || CDPATH='' cd -- "$ecsh_d" >/dev/null 2>&1 || {
    echo "ecsh: The command cannot run in $ecsh_d. [workdir-unusable]" >&2
    exit 126
  }
  set +f $ecsh_e
  give $ecsh_g
  exec "$@"
)
ecsh_s=$?
# ksh93 reports signals as 256 + n, yash as 384 + n.
while [ $ecsh_s -gt 255 ]; do ecsh_s=$((ecsh_s - 128)); done
say $ecsh_s
