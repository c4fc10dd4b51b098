# shellcheck shell=sh
#
# Stands before envelope.sh and terminal.sh.

# bash takes functions from its environment. None may stand for a program that the script needs.
case ${BASH_VERSION+x} in
  x) unset -f printf echo read command kill wait sleep cd dd tee cksum base64 od stty setsid env id ;;
esac

# Sets variables without any name of ours: -e may have the same.
give() {
  while [ $# -gt 0 ]; do
    case $1 in
      =*) ;;
      *) put "${1%%=*}" "$(printf %b. "${1#*=}")" || return 1 ;;
    esac
    shift
  done
}
# False where the shell keeps the name to itself. To export UID would change the user of zsh.
put() {
  case $1${ZSH_VERSION+=} in PPID | PPID= | UID= | EUID= | GID= | EGID= | USERNAME=) return 1 ;; esac
  export "$1=${2%.}" && eval "[ \"\$$1\" = \"\${2%.}\" ]"
}
