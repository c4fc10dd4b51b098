# shellcheck shell=sh
# What the scripts of cp share: it stands before each of them. $1 is the path in the container.
#
# Contents arrive as stdin or leave as stdout, after one line that says what is coming (copy-script.ts).
# Errors of programs go to stderr. No single quotes: each would take four characters in the command string.
set -f
_m=$(umask)
umask 077
export LC_ALL=C
z=plain
has() { command -v "$1" >/dev/null 2>&1; }
no() {
  echo "no $*"
  exit 1
}
# A word that begins with a backslash is written for printf %b. The dot keeps a newline at its end.
word() {
  case $1 in
    \\*)
      w=$(printf %b. "${1#?}")
      w=${w%.};;
    *) w=$1;;
  esac
}
has cat || cat() { dd bs=65536; }
# Try it rather than look for it: some images have only half of gzip.
[ "$(echo x | gzip -c 2>/dev/null | gzip -dc 2>/dev/null)" = x ] && z=gzip
word "$1"
p=$w
case $p in
  ./\~) p=${HOME:-/root};;
  ./\~/*) p=${HOME:-/root}/${p#./*/};;
esac
