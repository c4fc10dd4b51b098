# shellcheck shell=sh
# PATH RECURSIVE ARCHIVE: sends the content of a file; with RECURSIVE also a directory, as a tar archive;
# with ARCHIVE an archive of either.
zip() { case $z in gzip) gzip -c;; *) cat;; esac; }
[ -e "$p" ] || no missing
if [ -d "$p" ]; then
  [ "$2" ] || no directory
  a=1
else
  # A FIFO or a device might never end.
  [ -f "$p" ] || no special
  a=$3
fi
if [ -z "$a" ]; then
  ( : <"$p" ) || no read
  echo "file $z $(stat -Lc "%a %Y %s" "$p" 2>/dev/null)"
  zip <"$p"
  exit $?
fi
has tar || no tool tar
f=.
[ -d "$p" ] || {
  f=./${p##*/}
  p=${p%/*}/
}
cd "$p" || no read
echo "tree $z"
# The status of tar, not of the program that compresses its output.
exec 4>&1
s=$({ { tar -cf - "$f"; echo $? >&3; } | zip >&4; } 3>&1)
exit "$s"
