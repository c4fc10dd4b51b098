import { attributesIn, DirectoryListing } from './directory-listing.ts';
import type { Attributes, Field } from './sftp-packets.ts';
import { pathWord, type SftpShell } from './sftp-shell.ts';

/** `stat -c` of coreutils and BusyBox: mode in hexadecimal, size, owner, times. */
const FORMAT = '%f %s %u %g %X %Y';

/** One shell script for each request about a path. */
const SCRIPTS = {
  stat: `d "$1"; exec stat -L -c '${FORMAT}' "$v"`,
  lstat: `d "$1"; exec stat -c '${FORMAT}' "$v"`,
  // With a leading ./ no name is an option. A pattern without a match stays unchanged and is removed again.
  // One stat for all names is fast. If they do not fit into one command line, xargs is used, and if a file vanishes
  // meanwhile, each name gets its own stat.
  list: `d "$1"; cd "$v" || exit; set +f; e() { [ -e "$1" ] || [ -L "$1" ]; }
set -- ./..?*; e "$1" || shift; set -- ./.[!.]* "$@"; e "$1" || shift; set -- ./* "$@"; e "$1" || shift; set -- . .. "$@"
a=$(stat -c '${FORMAT}' "$@" 2>/dev/null) || a=$(printf '%s\\0' "$@" | xargs -0 stat -c '${FORMAT}' 2>/dev/null) || a=
[ -z "$a" ] || { printf '%s\\n\\n' "$a"; printf '%s\\0' "$@"; exit; }
echo; for f; do s=$(stat -c '${FORMAT}' "$f" 2>/dev/null) && printf '%s %s\\0' "$s" "$f"; done; :`,
  realpath: `d "$1"; if [ -d "$v" ]; then cd "$v" && pwd -P; exit; fi
case $v in */*) b=\${v##*/}; h=\${v%/*}/;; *) b=$v; h=.;; esac
cd "$h" && w=$(pwd -P; echo x) && w=\${w%?x} && printf '%s/%s\\n' "\${w%/}" "$b"`,
  mkdir: 'd "$1"; mkdir "$v" && { [ -z "$2" ] || chmod "$2" "$v"; }',
  rmdir: 'd "$1"; exec rmdir "$v"',
  remove: `d "$1"; if [ -d "$v" ] && [ ! -L "$v" ]; then echo "x: Is a directory" >&2; exit 1; fi
[ -e "$v" ] || [ -L "$v" ] || { echo "x: No such file or directory" >&2; exit 1; }; exec rm -f "$v"`,
  rename: `d "$1"; a=$v; d "$2"; [ ! -e "$v" ] && [ ! -L "$v" ] || { echo "x: File exists" >&2; exit 1; }; exec mv "$a" "$v"`,
  // rename(2) to the same name succeeds, but mv rejects it.
  replace: `d "$1"; a=$v; d "$2"; if [ "$a" = "$v" ] && { [ -e "$v" ] || [ -L "$v" ]; }; then exit 0; fi
if [ -d "$v" ] && [ ! -L "$v" ]; then [ -d "$a" ] && [ ! -L "$a" ] || { echo "x: Is a directory" >&2; exit 1; }; rmdir "$v" || exit; fi
exec mv -f "$a" "$v"`,
  // readlink fails without a message.
  readlink: `d "$1"; [ -L "$v" ] || { [ ! -e "$v" ] || { echo "x: Invalid argument" >&2; exit 1; }
echo "x: No such file or directory" >&2; exit 1; }; exec readlink "$v"`,
  symlink: `d "$2"; b=$v; case $1 in *'\\'*) v=$(printf '%bx' "$1"); v=\${v%x};; *) v=$1;; esac
[ ! -e "$b" ] && [ ! -L "$b" ] || { echo "x: File exists" >&2; exit 1; }; exec ln -s -- "$v" "$b"`,
  hardlink: `d "$1"; a=$v; d "$2"; [ ! -e "$v" ] || { echo "x: File exists" >&2; exit 1; }; exec ln "$a" "$v"`,
  statvfs: `d "$1"; exec stat -f -c '%s %S %b %f %a %c %d %i %l' "$v"`,
} as const;

/** File operations by path. Each is one command in the container. */
export class SftpPaths {
  readonly #shell: SftpShell;

  constructor(shell: SftpShell) {
    this.#shell = shell;
  }

  async stat(path: string, follows: boolean): Promise<Attributes> {
    const script = follows ? SCRIPTS.stat : SCRIPTS.lstat;
    return attributesIn(await this.#shell.run(script, pathWord(path)));
  }

  /** Every name in a directory, `.` and `..` first. */
  async list(path: string): Promise<DirectoryListing> {
    return new DirectoryListing(await this.#shell.output(SCRIPTS.list, pathWord(path)));
  }

  async realpath(path: string): Promise<string> {
    return withoutNewline(await this.#shell.run(SCRIPTS.realpath, pathWord(path)));
  }

  async mkdir(path: string, { mode }: Attributes): Promise<void> {
    await this.#shell.run(
      SCRIPTS.mkdir,
      pathWord(path),
      mode === undefined ? '' : octalText(mode & ~UMASK),
    );
  }

  async rmdir(path: string): Promise<void> {
    await this.#shell.run(SCRIPTS.rmdir, pathWord(path));
  }

  async remove(path: string): Promise<void> {
    await this.#shell.run(SCRIPTS.remove, pathWord(path));
  }

  /** @param replaces whether an existing file with the new name is replaced (posix-rename@openssh.com) */
  async rename(from: string, to: string, replaces: boolean): Promise<void> {
    const script = replaces ? SCRIPTS.replace : SCRIPTS.rename;
    await this.#shell.run(script, pathWord(from), pathWord(to));
  }

  async readlink(path: string): Promise<string> {
    return withoutNewline(await this.#shell.run(SCRIPTS.readlink, pathWord(path)));
  }

  async symlink(target: string, path: string): Promise<void> {
    await this.#shell.run(SCRIPTS.symlink, pathWord(target), pathWord(path));
  }

  async hardlink(from: string, to: string): Promise<void> {
    await this.#shell.run(SCRIPTS.hardlink, pathWord(from), pathWord(to));
  }

  async setstat(path: string, attributes: Attributes): Promise<void> {
    const script = setScript(attributes);
    if (script !== '') await this.#shell.run(`d "$1"; ${script}`, pathWord(path));
  }

  /** Like `setstat`, but changes a symbolic link itself. A link has no permissions to set. */
  async lsetstat(path: string, attributes: Attributes): Promise<void> {
    const ofFile = setScript(attributes);
    const ofLink = setScript({ ...attributes, size: undefined, mode: undefined })
      .replaceAll('chown ', 'chown -h ')
      .replaceAll('touch ', 'touch -h ');
    const script = `d "$1"; if [ -L "$v" ]; then ${ofLink || ':'}; else ${ofFile || ':'}; fi`;
    await this.#shell.run(script, pathWord(path));
  }

  /** Fields of the reply to statvfs@openssh.com. */
  async statvfs(path: string): Promise<readonly Field[]> {
    const text = await this.#shell.run(SCRIPTS.statvfs, pathWord(path));
    const [bsize, frsize, blocks, bfree, bavail, files, ffree, id = '0', namemax] = text
      .trim()
      .split(' ');
    const numbers = [bsize, frsize, blocks, bfree, bavail, files, ffree, ffree].map(Number);
    const fsid = BigInt(`0x${id.replace(/[^0-9a-f]/gi, '') || '0'}`);
    return [
      ...numbers.map((uint64) => ({ uint64 })),
      { uint64: fsid },
      { uint64: 0 },
      { uint64: Number(namemax) },
    ];
  }
}

const EXISTS = '{ [ -e "$v" ] || { echo "x: No such file or directory" >&2; false; }; }';

/** Returns a script that sets attributes of $v, in an order in which none undoes another. */
export function setScript(attributes: Attributes): string {
  const { size, uid, gid, mode, accessedAt, modifiedAt } = attributes;
  return [
    // dd truncates the file at the seek position, but would create a missing file.
    ...(size === undefined
      ? []
      : [EXISTS, `dd if=/dev/null of="$v" bs=1 seek=${size} 2>/dev/null`]),
    ...(uid === undefined || gid === undefined ? [] : [`chown ${uid}:${gid} "$v"`]),
    ...(mode === undefined ? [] : [`chmod ${octalText(mode)} "$v"`]),
    ...(modifiedAt === undefined ? [] : [`touch -m -d @${modifiedAt} "$v"`]),
    ...(accessedAt === undefined ? [] : [`touch -a -d @${accessedAt} "$v" 2>/dev/null || :`]),
  ].join(' && ');
}

/** The umask for new files and directories, as under sshd. */
export const UMASK = 0o022;

/** Formats the permission bits. */
export function octalText(mode: number): string {
  return (mode & 0o7777).toString(8);
}

function withoutNewline(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
