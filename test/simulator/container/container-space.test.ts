import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type ContainerSpace, ContainerSpaces } from '#simulator/container/container-space.ts';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { isInstalled } from '#test/helpers/program.ts';

const FILES = { '/app/public/index.html': 'hello\n', '/var/log/access.log': 'GET /\n' };
const hasNamespaces = isInstalled('unshare', '-m', 'true') && isInstalled('nsenter', '--version');
let spaces: ContainerSpaces;

afterEach(() => spaces.remove());

/** Returns the space of container `app` in service `web`, on a machine with that PATH. */
function spaceOf(container: object, path = process.env.PATH ?? ''): Promise<ContainerSpace> {
  const { clusters } = parseFleet({
    clusters: [
      { name: 'c', services: [{ name: 'web', containers: [{ name: 'app', ...container }] }] },
    ],
  });
  const task = clusters[0]?.services[0]?.tasks[0];
  const [app] = task?.containers ?? [];
  if (task === undefined || app === undefined) throw new Error('the fleet has a container');
  spaces = new ContainerSpaces({ hostEnv: { PATH: path }, markerEnv: () => ({ MARK: 'x' }) });
  return spaces.of(task, app);
}

/** Runs a script in the container, and returns its output. */
async function run(space: ContainerSpace, script: string, workdir = '/app'): Promise<string> {
  const { words, workdir: cwd } = space.enter(['/bin/sh', '-c', script], workdir);
  const [file, ...args] = words;
  const env = { PATH: process.env.PATH, ...space.env };
  return (await promisify(execFile)(file, args, { cwd, env })).stdout;
}

describe('a container with its own files', () => {
  it.skipIf(!hasNamespaces)(
    'has its own /app, /var/log and home, and shares the rest of the machine',
    async () => {
      const space = await spaceOf({ files: FILES });
      const script =
        'pwd; cat public/index.html; ls /var/log; ls -A ~; echo $HOME; test -e /usr/bin && echo usr';
      expect(await run(space, script)).toBe('/app\nhello\naccess.log\n.bashrc\n/root\nusr\n');
      expect(space.env).toMatchObject({
        MARK: 'x',
        PS1: expect.stringMatching(/^root@web-[0-9a-f]{8}:\$\{PWD\}# $/),
      });
    },
  );

  it.skipIf(!hasNamespaces)('keeps what its processes write until the simulator ends', async () => {
    const space = await spaceOf({ files: FILES });
    await run(space, 'echo more >> public/index.html');
    expect(await run(space, 'cat public/index.html')).toBe('hello\nmore\n');
    const file = space.hostPath('/app/public/index.html');
    expect(readFileSync(file, 'utf8')).toBe('hello\nmore\n');
    await spaces.remove();
    expect(existsSync(file)).toBe(false);
  });

  it('has them in a folder if the machine has no mount namespaces', async () => {
    const space = await spaceOf({ files: FILES }, '/nothing');
    expect(await run(space, 'read line < public/index.html; echo $line')).toBe('hello\n');
    const home = space.hostPath('/root');
    expect(space.env).toMatchObject({
      HOME: home,
      PS1: expect.stringContaining(`\${PWD#${home.replace(/\/root$/, '')}}# `),
    });
    expect(space.hostPath('/usr/bin/env')).toBe('/usr/bin/env');
  });

  it('runs one of its own programs from that folder', async () => {
    const files = { '/app/own.sh': '#!/bin/sh\necho "own $1"\n' };
    const space = await spaceOf({ files }, '/nothing');
    const { words, workdir } = space.enter(['/app/own.sh', '/app/x'], '/app');
    const [file, ...args] = words;
    const { stdout } = await promisify(execFile)(file, args, { cwd: workdir });
    expect(stdout).toBe('own /app/x\n');
  });
});

it('a container without files sees this machine unchanged', async () => {
  const space = await spaceOf({ env: { STAGE: 'prod' } });
  expect(space.enter(['ls'], '/tmp')).toEqual({ words: ['ls'], workdir: '/tmp' });
  expect(space.env).toEqual({ PATH: process.env.PATH, STAGE: 'prod', MARK: 'x' });
});
