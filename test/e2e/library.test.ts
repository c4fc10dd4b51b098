import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import { DIST, Program } from '#test/helpers/program.ts';

const ROOT = join(DIST, '..');

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start('default');
  // Installed the way npm does it.
  mkdirSync(join(lab.folder, 'node_modules/@types'), { recursive: true });
  symlinkSync(ROOT, join(lab.folder, 'node_modules/ecsh'));
  symlinkSync(join(ROOT, 'node_modules/@types/node'), join(lab.folder, 'node_modules/@types/node'));
});

afterAll(() => lab.stop());

function write(name: string, text: string): string {
  const path = join(lab.folder, name);
  writeFileSync(path, text);
  return path;
}

function example(): string {
  const page = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
  const code = /^```js\n(.*?)^```$/ms.exec(page)?.[1];
  if (code === undefined) throw new Error('the page has no example');
  return write('example.mjs', code);
}

it('its documented example works', async () => {
  const { status, stdout, stderr } = await lab.startProgram([process.execPath, example()]).finished;
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringMatching(/^Task .*\n$/),
  });
  expect(stdout).toMatch(/^3 HELLO FROM APP\ntimed-out - .*\nseen enough\n/);
  expect(stdout).toMatch(/43 132\r\n[\s\S]*shell: 4\n$/);
});

it('its types accept the documented example and reject a wrong call', async () => {
  const flags = [
    '--noEmit',
    '--checkJs',
    '--strict',
    '--ignoreConfig',
    '--module',
    'nodenext',
    '--types',
    'node',
  ];
  const tsc = [process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'), ...flags];
  const check = (path: string) => new Program([...tsc, path], { env: lab.environment }).finished;
  expect(await check(example())).toEqual({ status: 0, stdout: '', stderr: '' });
  const wrong = write('wrong.mts', "import { exec } from 'ecsh';\nawait exec('web', 'true');\n");
  expect((await check(wrong)).stdout).toContain('error TS2345');
});

it('leaves the environment and listeners of the process unchanged, and lets it exit', async () => {
  const program = write(
    'quiet.mjs',
    `import { exec } from 'ecsh';
const look = () => JSON.stringify([process.eventNames().sort(), process.env, process.exitCode ?? 0]);
const before = look();
await exec('demo/web', ['true']);
console.log(look() === before);
`,
  );
  const seen = await lab.startProgram([process.execPath, program]).finished;
  expect(seen).toEqual({ status: 0, stdout: 'true\n', stderr: '' });
});

it('its client offers everything that the program does, and looks up credentials once', async () => {
  const program = write(
    'client.mjs',
    `import { CommandError, createClient } from 'ecsh';
import { readFileSync, writeFileSync } from 'node:fs';
let found = 0;
const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
delete process.env.AWS_ACCESS_KEY_ID;
const credentials = async () => ({ accessKeyId, secretAccessKey, found: ++found, expiration: new Date(Date.now() + 3_600_000) });
const ecs = createClient({ credentials, region: 'us-east-1' });
const show = (...values) => console.log(JSON.stringify(values));
show((await ecs.list('demo/web')).map(({ ready }) => ready));
const all = await ecs.execAll('demo/web', ['sh', '-c', 'echo hi; exit 3']);
show(all.map(({ result }) => [result.status, result.stdout.toString()]));
show((await ecs.exec('demo/web', ['cat'], { stdin: ['a', 'b'], timeoutMs: Infinity })).stdout.toString());
await ecs.exec('demo/web', ['yes'], { maxBuffer: 1_000 }).catch((error) => show(error.code, error instanceof CommandError));
writeFileSync('up', 'content');
show(await ecs.cp('up', \`demo/web:\${process.cwd()}/there\`));
show(await ecs.cp(\`demo/web:\${process.cwd()}/there\`, 'back'), readFileSync('back', 'utf8'));
const forwarding = await ecs.forward('demo/web', [':80']);
show((await fetch(\`http://127.0.0.1:\${forwarding.ports[0].localPort}/\`)).status);
await forwarding.close();
show((await ecs.doctor('demo/web')).ready);
`,
  );
  const words = ['sh', '-c', 'cd "$1" && exec "$2" "$3"', 'sh', lab.folder];
  const seen = await lab.startProgram([...words, process.execPath, program]).finished;
  expect(seen).toEqual({
    status: 0,
    stderr: '',
    stdout: [
      '[[true,true]]',
      '[[[3,"hi\\n"],[3,"hi\\n"]]]',
      '["ab"]',
      '["output-too-large",true]',
      '[{"files":1,"bytes":7,"skipped":[]}]',
      '[{"files":1,"bytes":7,"skipped":[]},"content"]',
      '[200]',
      '[true]',
      '',
    ].join('\n'),
  });
});

it('rejects running commands of a connection that is closed or aborted', async () => {
  const program = write(
    'closed.mjs',
    `import { connect } from 'ecsh';
const outcome = (promise) => promise.then(({ status }) => status, (error) => error.code ?? error.message);
const closed = await connect('demo/web');
await closed.exec(['true']);
const first = outcome(closed.exec(['sleep', '60']));
await closed.close();
const abort = new AbortController();
const aborted = await connect('demo/web', { signal: abort.signal });
await aborted.exec(['true']);
const second = outcome(aborted.exec(['sleep', '60']));
abort.abort(new Error('enough'));
console.log(await first, await second, await outcome(aborted.exec(['true'])));`,
  );
  const { status, stdout } = await lab.startProgram([process.execPath, program]).finished;
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'interrupted enough enough\n' });
});
