/** @typedef {{ version: string, url: string, homepage: string, sums: string }} Release */

const DESCRIPTION = 'ssh for ECS tasks: shells and one-off commands over ECS Exec';

/**
 * Downloads the archive for this machine, checks it, and puts the executable in a folder.
 *
 * @param {Release} release
 */
export function installScript({ version, url, sums }) {
  return `#!/bin/sh
# Installs ecsh ${version}:  sh install.sh [FOLDER]   (default: ~/.local/bin)
set -eu

fail() {
  echo "$*" >&2
  exit 1
}

download() {
  if command -v curl >/dev/null; then
    curl -fsSL -o "$2" "$1"
  elif command -v wget >/dev/null; then
    wget -q -O "$2" "$1"
  else
    fail 'Downloading ecsh needs curl or wget.'
  fi
}

sum_of() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi
}

# A function, so that nothing runs before all of this file has arrived.
main() {
  folder=\${1:-$HOME/.local/bin}
  case $(uname -s) in
    Linux) system=linux ;;
    Darwin) system=darwin ;;
    *) fail "There is no ecsh for $(uname -s): npm install -g ecsh" ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) machine=x64 loader=/lib64/ld-linux-x86-64.so.2 ;;
    aarch64 | arm64) machine=arm64 loader=/lib/ld-linux-aarch64.so.1 ;;
    *) fail "There is no ecsh for $(uname -m): npm install -g ecsh" ;;
  esac
  if [ "$system" = linux ] && ! [ -e "$loader" ]; then
    fail 'There is no ecsh for Linux without glibc, such as Alpine: npm install -g --omit=optional ecsh'
  fi
  name=ecsh-${version}-$system-$machine
  wanted=$(grep " $name.tar.xz$" <<'SUMS' | cut -d ' ' -f 1
${sums.trimEnd()}
SUMS
  )
  if ! mkdir -p "$folder" || ! [ -w "$folder" ]; then
    fail "Cannot write to $folder. Name another folder:  sh install.sh FOLDER"
  fi
  work=$(mktemp -d)
  new=$folder/.ecsh.$$
  trap 'rm -rf "$work" "$new"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  archive=$work/$name.tar.xz
  url=\${ECSH_RELEASE_URL:-${url}}/$name.tar.xz
  download "$url" "$archive" || fail "Cannot download $url."
  sum=$(sum_of "$archive")
  if [ "\${sum%% *}" != "$wanted" ]; then
    fail "The checksum of $name.tar.xz is wrong: nothing was installed."
  fi
  tar -xJf "$archive" -C "$work" || fail "Cannot unpack $name.tar.xz: tar needs xz."
  # Beside it and renamed: an ecsh that runs is not overwritten.
  cp "$work/$name/ecsh" "$new"
  chmod 755 "$new"
  seen=$("$new" --version) || fail 'This ecsh does not run on this machine. With Node.js:  npm install -g ecsh'
  mv "$new" "$folder/ecsh"
  echo "Installed $folder/ecsh, version $seen."
  case :$PATH: in
    *:"$folder":*) ;;
    *) echo "The folder is not on PATH:  PATH=$folder:\\$PATH" ;;
  esac
}

main "$@"
`;
}

/** @param {Release} release */
export function formula({ version, url, homepage, sums }) {
  const source = (/** @type {string} */ target) => {
    const name = `ecsh-${version}-${target}.tar.xz`;
    return `url "${url}/${name}"\n      sha256 "${sumOf(sums, name)}"`;
  };
  return `class Ecsh < Formula
  desc "${DESCRIPTION}"
  homepage "${homepage}"
  version "${version}"
  license "MIT"

  on_macos do
    on_arm do
      ${source('darwin-arm64')}
    end
    on_intel do
      ${source('darwin-x64')}
    end
  end

  on_linux do
    on_arm do
      ${source('linux-arm64')}
    end
    on_intel do
      ${source('linux-x64')}
    end
  end

  def install
    bin.install "ecsh"
    man1.install "ecsh.1"
    generate_completions_from_executable(bin/"ecsh", "completion", shells: [:bash, :zsh, :fish])
  end

  test do
    assert_equal version.to_s, shell_output("#{bin}/ecsh --version").strip
  end
end
`;
}

/** @param {Release} release */
export function scoopManifest({ version, url, homepage, sums }) {
  const folder = `ecsh-${version}-win32-x64`;
  const manifest = {
    version,
    description: DESCRIPTION,
    homepage,
    license: 'MIT',
    architecture: {
      '64bit': {
        url: `${url}/${folder}.zip`,
        hash: sumOf(sums, `${folder}.zip`),
        extract_dir: folder,
      },
    },
    bin: 'ecsh.exe',
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/**
 * The section of a version in CHANGELOG.md.
 *
 * @param {string} version
 * @param {string} changelog
 */
export function notesOf(version, changelog) {
  const sections = changelog.split(/^## /m);
  const own = sections.find((section) => section.startsWith(`[${version}]`));
  if (own === undefined) throw new Error(`CHANGELOG.md has no section for ${version}`);
  return `${own.slice(own.indexOf('\n')).trim()}\n`;
}

/**
 * @param {string} sums as sha256sum prints them
 * @param {string} name
 */
function sumOf(sums, name) {
  const line = sums.split('\n').find((each) => each.endsWith(`  ${name}`));
  if (line === undefined) throw new Error(`there is no checksum of ${name}`);
  return line.slice(0, line.indexOf(' '));
}
