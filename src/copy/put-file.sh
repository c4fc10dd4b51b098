# shellcheck shell=sh
# PATH NAME MODE TIME ID PRESERVE: writes a file whose content comes as stdin, with 32 bytes after it that
# hold what `cksum` prints for it. NAME is for a PATH that is a directory. Until the content is whole it
# has a name of its own beside its final one. An existing file keeps its owner and mode, as with cp(1);
# with PRESERVE it gets MODE.
has wc || no tool wc
case $p in */) [ -d "$p" ] || no folder;; esac
if [ -d "$p" ]; then
  word "$2"
  [ "$w" ] || no occupied
  p=${p%/}/$w
fi
[ ! -d "$p" ] || no occupied
# Nothing may ever read a FIFO, and a socket cannot be written so.
if [ -p "$p" ] || [ -S "$p" ]; then no fifo; fi
# A link is written through. The dot keeps a newline at the end of a name.
if [ -L "$p" ]; then
  l=$(readlink -f "$p" 2>/dev/null; echo .)
  l=${l%?.}
  [ "$l" = . ] || p=$l
fi
d=${p%/*}/
[ -d "$d" ] || no folder
t=$d.ecsh-$5
o=
m=
w=$4
hold
# A mounted file can be written even where its folder cannot.
( : >"$t" ) 2>/dev/null || [ ! -e "$p" ] || t=${TMPDIR:-/tmp}/.ecsh-$5
( : >"$t" ) || no write
if [ -f "$p" ]; then
  o=$(stat -c %u:%g "$p" 2>/dev/null)
  [ "$6" ] || m=$(stat -c %a "$p" 2>/dev/null)
fi
m=${m:-$3}
echo "ready $z"
unzip >"$t" || no write
s=$(($(wc -c <"$t")-32))
# shellcheck disable=SC2046
set -- $(dd if="$t" bs=1 skip=$s 2>/dev/null) - -
dd if=/dev/null of="$t" bs=1 seek=$s 2>/dev/null
k=$(cksum <"$t" 2>/dev/null)
if [ "$2" != "$s" ] || [ "${k:-$1 $s}" != "$1 $2" ]; then no damaged; fi
{
  [ -z "$o" ] || chown "$o" "$t"
  umask "$_m"
  chmod "$m" "$t"
  [ -z "$w" ] || TZ=UTC0 touch -t "$w" "$t"
} 2>/dev/null
# Neither a device nor a mounted file can be replaced: those are written.
if [ -e "$p" ] && [ ! -f "$p" ] || ! mv -f "$t" "$p" 2>/dev/null; then
  cat <"$t" >"$p" || no write
fi
