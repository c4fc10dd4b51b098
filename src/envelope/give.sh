# shellcheck shell=sh
#
# Stands before envelope.sh and terminal.sh, which both give the command its variables.

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
