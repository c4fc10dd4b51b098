import { type InputOptions, rolldown } from 'rolldown';

/**
 * Each file that is loaded costs time, and so does each line in it. So code that is needed together is one
 * chunk: what every run of the program starts with, what the library shares with it, what sessions
 * are made of, what else the library has, and what sessions ask ECS with. What only some runs need stays apart.
 */
export async function chunksLoadedTogether(options: InputOptions) {
  const [program, library, exec, shell, aws] = await Promise.all([
    loadedWith(options, 'src/cli.ts'),
    loadedWith(options, 'src/index.ts'),
    loadedWith(options, 'src/commands/exec/run-exec.ts'),
    loadedWith(options, 'src/commands/shell/run-shell.ts'),
    loadedWith(options, 'src/aws/connect.ts'),
  ]);
  return [
    chunk('shared', (id) => program.has(id) && library.has(id)),
    chunk('start', (id) => program.has(id)),
    chunk('session', (id) => library.has(id) && exec.has(id)),
    chunk('library', (id) => library.has(id)),
    chunk('run', (id) => exec.has(id) && shell.has(id)),
    chunk('aws', (id) => aws.has(id)),
  ];
}

/** A module that two chunks could contain goes into the first. */
function chunk(name: string, contains: (id: string) => boolean) {
  return { debugName: name, name: (id: string) => (contains(id) ? name : null) };
}

/**
 * The modules that run before these do, without those that they import later on. A bundle of nothing
 * else knows it best: most of what the SDK's modules name is never used.
 */
async function loadedWith(
  options: InputOptions,
  ...entries: readonly string[]
): Promise<ReadonlySet<string>> {
  const bundle = await rolldown({ ...options, input: [...entries] });
  const { output } = await bundle.generate();
  const chunks = output.filter((file) => file.type === 'chunk');
  const waiting = chunks.filter((file) => file.isEntry).map((file) => file.fileName);
  const loaded = new Set(waiting);
  for (const name of loaded) {
    for (const imported of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) {
      loaded.add(imported);
    }
  }
  const roots = chunks.map(({ facadeModuleId }) => facadeModuleId);
  const modules = chunks
    .filter(({ fileName }) => loaded.has(fileName))
    .flatMap((file) => Object.entries(file.modules))
    .filter(([id, { renderedLength }]) => renderedLength > 0 && !roots.includes(id));
  return new Set(modules.map(([id]) => id));
}
