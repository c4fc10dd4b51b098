import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { plainEnvironment } from '#test/helpers/e2e.ts';
import { assertBuilt, DIST, ECSH, Program } from '#test/helpers/program.ts';
import { Screen } from '#test/helpers/screen.ts';
import { VERSION } from '#version.ts';

/** A string that appears only in this part, however the bundler names and minifies it. */
const PARTS = {
  'the ECS client of the SDK': 'AmazonEC2ContainerServiceV20141113',
  'the SSM client of the SDK': 'AmazonSSM',
  ws: 'Sec-WebSocket-Key',
  'the simulator': '/_simulator/',
  'the lists to choose from': 'Type to search',
} as const;

/** Prints the URL of every module before it is loaded. */
const TRACE = `
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    import { writeSync } from 'node:fs';
    export async function load(url, context, next) {
      writeSync(2, url + '\\\\n');
      return next(url, context);
    }
  \`));
`;

describe('does not load the SDK, ws, the simulator or the prompts:', () => {
  it.concurrent.each([['help'], ['exec', '--help'], ['exce', 'usage', 'error']])(
    'ecsh %s',
    async (...args) => {
      const loaded = await loadedBy(args);
      const files = loaded
        .filter((url) => url.startsWith('file:'))
        .map((url) => fileURLToPath(url));
      expect(files).toContain(join(DIST, 'cli.js'));
      const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
      expect(partsIn(text)).toEqual([]);
    },
  );

  it('keeps each of them in a separate chunk', () => {
    const chunks = readdirSync(join(DIST, 'chunks'));
    const text = chunks.map((name) => readFileSync(join(DIST, 'chunks', name), 'utf8')).join('\n');
    expect(partsIn(text)).toEqual(Object.keys(PARTS));
  });
});

describe('prints fixed texts without loading code:', () => {
  it.concurrent.each([['--version'], ['-V'], ['--help'], ['-h']])('ecsh %s', async (flag) => {
    const loaded = await loadedBy([flag]);
    expect(loaded.filter((url) => url.includes('/dist/'))).toEqual([]);
  });

  it('the version, and the same help as `ecsh help`', async () => {
    const [version, help, made] = await Promise.all([['-V'], ['-h'], ['help']].map(outputOf));
    expect(version).toBe(`${VERSION}\n`);
    expect(help).toBe(made);
  });

  it('except on a narrower terminal', async () => {
    const [flag, command] = await Promise.all([['--help'], ['help']].map(narrowScreenOf));
    expect(flag).toBe(command);
  });
});

async function narrowScreenOf(args: readonly string[]): Promise<string> {
  const options = { cols: 40, rows: 200, env: plainEnvironment('/') };
  const screen = await Screen.open([...ECSH, ...args], options);
  await screen.ended;
  return screen.text;
}

async function outputOf(args: readonly string[]): Promise<string> {
  return (await new Program([...ECSH, ...args], { env: plainEnvironment('/') }).finished).stdout;
}

async function loadedBy(args: readonly string[]): Promise<readonly string[]> {
  assertBuilt();
  const [node, program = ''] = ECSH;
  const trace = `--import=data:text/javascript,${encodeURIComponent(TRACE)}`;
  const env = plainEnvironment('/');
  const { stderr } = await new Program([node, trace, program, ...args], { env }).finished;
  return stderr.split('\n').filter((line) => /^\w+:\S+$/.test(line));
}

function partsIn(text: string): readonly string[] {
  return Object.entries(PARTS)
    .filter(([, marker]) => text.includes(marker))
    .map(([name]) => name);
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

// Node.js strips types by default since 22.18.
if (major > 22 || (major === 22 && minor >= 18)) {
  it('runs from source, as CONTRIBUTING.md says', async () => {
    const root = fileURLToPath(new URL('../../', import.meta.url));
    const source = [
      process.execPath,
      '--import',
      `${root}build/from-source.js`,
      `${root}src/cli.ts`,
    ];
    const words = [...source, 'simulate', '--', ...source, 'exec', 'demo/web', '--', 'echo', 'hi'];
    const { status, stdout } = await new Program(words, { env: plainEnvironment('/') }).finished;
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'hi\n' });
  });
}
