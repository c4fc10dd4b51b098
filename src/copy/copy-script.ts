import type { FileAttributes } from './local-copies.ts';

/**
 * What runs in the container for `cp`, inside the envelope. Contents come as its stdin or go as its
 * stdout, behind one line:
 *
 *   ready ENCODING                  send it now; gzip where the image has it, else plain
 *   file ENCODING [MODE TIME SIZE]  the content of a file follows
 *   tree ENCODING                   a tar archive follows
 *   no WHY                          that was it, see `copy-errors.ts`; stderr may tell more
 *
 * Until it is whole, what arrives has a name of its own beside the one that it gets then, so that
 * whatever ends this early leaves nothing half done. A container that is killed leaves `.ecsh-…`.
 *
 * No quote is a single one, which would be four characters on the command line.
 */
const COMMON = [
  'set -f; _m=$(umask); umask 077; export LC_ALL=C; z=plain; p=$1;',
  'has() { command -v "$1" >/dev/null 2>&1; }; no() { echo "no $*"; exit 1; };',
  'has cat || cat() { dd bs=65536; };',
  // Asked to do what it is needed for: some images have half of it.
  '[ "$(echo x | gzip -c 2>/dev/null | gzip -dc 2>/dev/null)" = x ] && z=gzip;',
  'unzip() { case $z in gzip) gzip -dc;; *) cat;; esac; }; zip() { case $z in gzip) gzip -c;; *) cat;; esac; };',
  'dir() { [ -d "$1" ] && [ ! -L "$1" ]; };',
  'drop() { rm -rf "$t"; }; hold() { trap drop EXIT; trap "exit 1" HUP INT TERM PIPE; };',
];

/**
 * PATH NAME MODE TIME ID: writes a file, which ends with 32 bytes that tell `cksum` of the rest. NAME is for
 * a PATH that is a directory. What is there keeps its owner and mode, as with cp(1).
 */
const PUT_FILE = [
  ...COMMON,
  'has wc || no tool wc; case $p in */) [ -d "$p" ] || no folder;; esac;',
  'if [ -d "$p" ]; then [ "$2" ] || no directory; p=${p%/}/$2; fi; [ ! -d "$p" ] || no directory;',
  // A link is written through. The dot keeps a newline at the end of a name.
  'if [ -L "$p" ]; then l=$(readlink -f "$p" 2>/dev/null; echo .); l=${l%?.}; [ "$l" = . ] || p=$l; fi;',
  'd=${p%/*}/; [ -d "$d" ] || no folder; t=$d.ecsh-$5 o= m= w=$4; hold;',
  // A file that is mounted there can be written, also where its folder cannot.
  '( : >"$t" ) 2>/dev/null || [ ! -e "$p" ] || t=${TMPDIR:-/tmp}/.ecsh-$5; ( : >"$t" ) || no write;',
  'if [ -f "$p" ]; then o=$(stat -c %u:%g "$p" 2>/dev/null); m=$(stat -c %a "$p" 2>/dev/null); fi; m=${m:-$3};',
  'echo "ready $z"; unzip >"$t" || no write;',
  's=$(($(wc -c <"$t")-32)); set -- $(dd if="$t" bs=1 skip=$s 2>/dev/null) - -;',
  'dd if=/dev/null of="$t" bs=1 seek=$s 2>/dev/null; k=$(cksum <"$t" 2>/dev/null);',
  '[ "$2" = "$s" ] && [ "${k:-$1 $s}" = "$1 $2" ] || no damaged;',
  '{ [ -z "$o" ] || chown $o "$t"; umask $_m; chmod $m "$t"; [ -z "$w" ] || TZ=UTC0 touch -t $w "$t"; } 2>/dev/null;',
  // Neither a device nor a mounted file can be replaced.
  '{ [ -f "$p" ] || [ ! -e "$p" ]; } && mv -f "$t" "$p" 2>/dev/null || cat <"$t" >"$p" || no write',
].join(' ');

/**
 * PATH NAME OWN ID: unpacks a tar archive beside PATH, and then moves it there, into what is there.
 * In our own archive everything is below `tree`, and `end` comes last.
 */
const PUT_TREE = [
  ...COMMON,
  'has tar || no tool tar; t=; [ -z "$2" ] || [ ! -d "$p" ] || p=${p%/}/$2;',
  'if [ -d "$p" ]; then d=$p/; elif [ -e "$p" ] || [ -L "$p" ]; then no file; else d=${p%/*}/; fi; [ -d "$d" ] || no folder;',
  't=$d.ecsh-$4; hold; mkdir "$t" "$t/tree" || no write; f=$t; [ "$3" ] || f=$t/tree; echo "ready $z";',
  '{ unzip && : >"$t/ok"; } | { tar -xpof - -C "$f"; s=$?; cat >/dev/null; exit $s; } || no write;',
  '[ -e "$t/ok" ] && { [ -z "$3" ] || [ -e "$t/end" ]; } || no damaged;',
  'if [ ! -d "$p" ]; then mv "$t/tree" "$p" || no write; exit 0; fi; x=0; set +f;',
  'merge() { for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do [ -e "$f" ] || [ -L "$f" ] || continue; g=$2/${f##*/};',
  'if dir "$f" && dir "$g"; then merge "$f" "$g"; elif dir "$f" && { [ -e "$g" ] || [ -L "$g" ]; }; then echo "$g: Not a directory" >&2; x=1;',
  'elif dir "$g"; then echo "$g: Is a directory" >&2; x=1; else [ ! -L "$g" ] || rm -f "$g"; mv -f "$f" "$g" || x=1; fi; done; };',
  'merge "$t/tree" "$p"; [ $x = 0 ] || no merge',
].join(' ');

/** PATH RECURSIVE ARCHIVE: sends a file, or where that is wanted a directory, or anything as an archive. */
const GET = [
  ...COMMON,
  '[ -e "$p" ] || no missing; if [ -d "$p" ]; then [ "$2" ] || no directory; a=1; else a=$3; fi;',
  'if [ -z "$a" ]; then ( : <"$p" ) || no read; echo "file $z $(stat -Lc "%a %Y %s" "$p" 2>/dev/null)"; zip <"$p"; exit $?; fi;',
  'has tar || no tool tar; f=.; [ -d "$p" ] || { f=./${p##*/}; p=${p%/*}/; }; cd "$p" || no read; echo "tree $z";',
  // The status of tar, not of what compresses its output.
  'exec 4>&1; s=$({ { tar -cf - "$f"; echo $? >&3; } | zip >&4; } 3>&1); exit $s',
].join(' ');

const argv = (script: string, words: readonly string[]) => [
  'sh',
  '-c',
  script,
  'ecsh-cp',
  ...words,
];

export interface PutFile {
  readonly path: string;
  readonly name: string;
  readonly mode: number | undefined;
  readonly modifiedAt: number | undefined;
  /** Letters and digits. */
  readonly id: string;
}

export function putFile({ path, name, mode, modifiedAt, id }: PutFile): readonly string[] {
  // Without one, whatever the umask of the container leaves.
  const permissions = mode === undefined ? '=rw' : (mode & 0o777).toString(8);
  return argv(PUT_FILE, [path, name, permissions, touchTime(modifiedAt), id]);
}

export interface PutTree {
  readonly path: string;
  readonly name: string;
  readonly isForeign: boolean;
  readonly id: string;
}

export function putTree({ path, name, isForeign, id }: PutTree): readonly string[] {
  const folder = path.replace(/(?<=.)\/+$/, '');
  return argv(PUT_TREE, [folder, name, isForeign ? '' : 'own', id]);
}

export interface Get {
  readonly path: string;
  readonly isRecursive: boolean;
  /** An archive, also of a single file. */
  readonly asArchive: boolean;
}

export function get({ path, isRecursive, asArchive }: Get): readonly string[] {
  return argv(GET, [path, isRecursive ? 'r' : '', asArchive ? 'a' : '']);
}

/** The last bytes of a file under way: what `cksum` says of those before. */
export function trailerOf(sum: string): string {
  return `${sum.padEnd(TRAILER_BYTES - 1)}\n`;
}

const TRAILER_BYTES = 32;

/** `CCYYMMDDhhmm.SS` of POSIX touch, in UTC. */
function touchTime(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  const digits = new Date(seconds * 1000).toISOString().replace(/\D/g, '');
  return `${digits.slice(0, 12)}.${digits.slice(12, 14)}`;
}

/** What comes before the content. */
export type ContentReply =
  | { readonly kind: 'tree'; readonly isCompressed: boolean }
  | (FileAttributes & {
      readonly kind: 'file';
      readonly isCompressed: boolean;
      readonly size: number | undefined;
    });

export type CopyReply =
  | ContentReply
  | { readonly kind: 'ready'; readonly isCompressed: boolean }
  | { readonly kind: 'no'; readonly why: string };

/** Undefined for what the scripts do not say. */
export function parseReply(line: string): CopyReply | undefined {
  const [word = '', first = '', mode, time, size] = line.trimEnd().split(' ');
  const isCompressed = first === 'gzip';
  switch (word) {
    case 'ready':
    case 'tree':
      return { kind: word, isCompressed };
    case 'file':
      return {
        kind: 'file',
        isCompressed,
        mode: mode === undefined ? undefined : Number.parseInt(mode, 8) & 0o777,
        modifiedAt: time === undefined ? undefined : Number(time),
        size: size === undefined ? undefined : Number(size),
      };
    case 'no':
      return { kind: 'no', why: line.trimEnd().slice('no '.length) };
    default:
      return undefined;
  }
}
