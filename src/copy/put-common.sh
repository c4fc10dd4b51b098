# shellcheck shell=sh
# What the scripts of an upload share; it follows common.sh. $t is the temporary name, beside the final one.
t=
unzip() { case $z in gzip) gzip -dc;; *) cat;; esac; }
drop() { rm -rf "$t"; }
hold() {
  trap drop EXIT
  trap "exit 1" HUP INT TERM PIPE
}
