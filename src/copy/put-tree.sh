# shellcheck shell=sh
# PATH NAME OWN ID: unpacks a tar archive beside PATH, and moves its content there, into a directory that
# may exist already. In an archive of ours (OWN) everything is below `tree`, and an empty file `end` is the last entry.
has tar || no tool tar
word "$2"
[ -z "$w" ] || [ ! -d "$p" ] || p=${p%/}/$w
if [ -d "$p" ]; then
  d=$p/
elif [ -e "$p" ] || [ -L "$p" ]; then
  no file
else
  d=${p%/*}/
fi
[ -d "$d" ] || no folder
t=$d.ecsh-$4
hold
mkdir "$t" "$t/tree" || no write
f=$t
[ "$3" ] || f=$t/tree
echo "ready $z"
{ unzip && : >"$t/ok"; } | {
  tar -xpof - -C "$f"
  s=$?
  cat >/dev/null
  exit $s
} || no write
if [ ! -e "$t/ok" ] || { [ "$3" ] && [ ! -e "$t/end" ]; }; then no damaged; fi
if [ ! -d "$p" ]; then
  mv "$t/tree" "$p" || no write
  exit 0
fi
x=0
set +f
dir() { [ -d "$1" ] && [ ! -L "$1" ]; }
merge() {
  for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    [ -e "$f" ] || [ -L "$f" ] || continue
    g=$2/${f##*/}
    if dir "$f" && dir "$g"; then
      merge "$f" "$g"
    elif dir "$f" && { [ -e "$g" ] || [ -L "$g" ]; }; then
      echo "$g: Not a directory" >&2
      x=1
    elif dir "$g"; then
      echo "$g: Is a directory" >&2
      x=1
    else
      [ ! -L "$g" ] || rm -f "$g"
      mv -f "$f" "$g" || x=1
    fi
  done
}
merge "$t/tree" "$p"
[ $x = 0 ] || no merge
