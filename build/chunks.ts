import { type InputOptions, rolldown } from 'rolldown';

/**
 * Groups modules that load together into one chunk, because each loaded file and each line in it costs time
 * at startup. Modules that only some runs need stay in chunks of their own.
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
 * The modules that load with this entry, without those that it imports dynamically. Only a bundle of the
 * entry alone shows them, because tree shaking drops most of what the modules of the SDK import.
 */
async function loadedWith(options: InputOptions, entry: string): Promise<ReadonlySet<string>> {
  const bundle = await rolldown({ ...options, input: [entry] });
  const { output } = await bundle.generate();
  const chunks = output.filter((file) => file.type === 'chunk');
  const entryFiles = chunks.filter((file) => file.isEntry).map((file) => file.fileName);
  const loaded = new Set(entryFiles);
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
