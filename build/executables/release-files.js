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
folder=\${1:-$HOME/.local/bin}
case $(uname -s) in
  Linux) system=linux ;;
  Darwin) system=darwin ;;
  *) echo "There is no ecsh for $(uname -s): npm install -g ecsh" >&2; exit 1 ;;
esac
case $(uname -m) in
  x86_64 | amd64) machine=x64 ;;
  aarch64 | arm64) machine=arm64 ;;
  *) echo "There is no ecsh for $(uname -m): npm install -g ecsh" >&2; exit 1 ;;
esac
if [ "$system" = linux ] && ls /lib/ld-musl-* >/dev/null 2>&1; then
  echo 'There is no ecsh for musl: npm install -g --omit=optional ecsh' >&2
  exit 1
fi
name=ecsh-${version}-$system-$machine
wanted=$(grep " $name.tar.xz$" <<'SUMS' | cut -d ' ' -f 1
${sums.trimEnd()}
SUMS
)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
archive=$work/$name.tar.xz
curl -fsSL -o "$archive" "\${ECSH_RELEASE_URL:-${url}}/$name.tar.xz"
if command -v sha256sum >/dev/null; then sum=$(sha256sum "$archive"); else sum=$(shasum -a 256 "$archive"); fi
if [ "\${sum%% *}" != "$wanted" ]; then
  echo "The checksum of $name.tar.xz is wrong: nothing was installed." >&2
  exit 1
fi
tar -xJf "$archive" -C "$work"
mkdir -p "$folder"
# Beside it and renamed: an ecsh that runs is not overwritten.
cp "$work/$name/ecsh" "$folder/.ecsh.$$"
chmod 755 "$folder/.ecsh.$$"
mv "$folder/.ecsh.$$" "$folder/ecsh"
echo "Installed $folder/ecsh, version $("$folder/ecsh" --version)."
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
