import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import { ECSH, isInstalled } from '#test/helpers/program.ts';
import type { Screen } from '#test/helpers/screen.ts';

let lab: Lab;
let path = '';

beforeAll(async () => {
  lab = await Lab.start();
  const folder = join(lab.folder, 'bin');
  mkdirSync(folder);
  const program = join(folder, 'ecsh');
  writeFileSync(program, `#!/bin/sh\nexec '${ECSH.join("' '")}' "$@"\n`);
  chmodSync(program, 0o755);
  path = `${folder}:${process.env.PATH}`;
  // Tab waits 200 ms for AWS and then uses remembered names. A busy machine needs those.
  for (const typed of ['l', 'lab/', 'lab/three@']) {
    await lab.run(['__complete', '--refresh', '--', 'exec', typed]);
  }
});

afterAll(() => lab.stop());

const SHELLS = {
  bash: {
    words: ['bash', '--norc', '--noprofile', '-i'],
    install: 'source <(ecsh completion bash)',
    // bash completes without a trailing space, because it could not remove one again.
    back: '',
  },
  zsh: {
    words: ['zsh', '-f', '-i'],
    install: 'autoload -Uz compinit; compinit -D; source <(ecsh completion zsh)',
    back: '\x7f',
  },
  fish: {
    words: ['fish', '--no-config', '-i'],
    install: 'ecsh completion fish | source',
    back: '\x7f',
  },
};

for (const [name, { words, install, back }] of Object.entries(SHELLS)) {
  describe.skipIf(!isInstalled(name, '-c', ':'))(`completion in ${name}`, () => {
    /** A shell that shows each command as `[WORD][WORD]` instead of running it. */
    const open = async (): Promise<Screen> => {
      const screen = await lab.openScreen(words, {
        env: { ...lab.environment, PATH: path, TERM: 'xterm-256color' },
        cols: 100,
      });
      screen.type(`${install}; echo re''ady\r`);
      await screen.until(/^ready$/m);
      return screen;
    };

    /** Returns the command line after `typed` was entered and completed. */
    const lineAfter = async (typed: string, completed: RegExp): Promise<string> => {
      const screen = await open();
      screen.type(typed);
      const [line] = await screen.until(completed);
      screen.type('\x03');
      screen.close();
      return line;
    };

    it('completes a command', async () => {
      expect(await lineAfter('ecsh simul\t', /ecsh simulate$/m)).toBeTruthy();
    });

    it('completes the cluster, the service and the container without a space between them', async () => {
      const screen = await open();
      screen.type('ecsh exec la\t');
      await screen.until(/ecsh exec lab\/$/m);
      screen.type('thr\t');
      await screen.until(/ecsh exec lab\/three\b/);
      screen.type(`${back}@\t`);
      await screen.until(/ecsh exec lab\/three@app\b/);
      screen.close();
    });

    it('ends the word if there is no container to choose', async () => {
      const screen = await open();
      screen.type('ecsh enable lab/thr\t');
      await screen.until(/ecsh enable lab\/three\b/);
      screen.type('--dry\t');
      await screen.until(/ecsh enable lab\/three --dry-run\b/);
      screen.close();
    });

    it('completes after a colon', async () => {
      await lineAfter('ecsh exec lab/service:pen\t', /ecsh exec lab\/service:pending\b/);
    });

    it('completes the value of a flag, after a space and after "="', async () => {
      await lineAfter('ecsh --color al\t', /ecsh --color always\b/);
      await lineAfter('ecsh --color=al\t', /ecsh --color=always\b/);
    });

    it('lists the candidates', async () => {
      await lineAfter('ecsh exec lab/p\t\t', /pending/);
      const screen = await open();
      screen.type('ecsh exec lab/\t\t');
      await screen.until(/three/);
      await screen.until(/app/);
      screen.close();
    });

    it('completes a path for an option that takes a file', async () => {
      writeFileSync(join(lab.folder, 'the-fleet.json'), '{}');
      const typed = `ecsh simulate --fleet ${lab.folder}/the-\t`;
      await lineAfter(typed, /the-fleet\.json/);
    });

    it('completes both sides of a copy', async () => {
      writeFileSync(join(lab.folder, 'report.csv'), '');
      const screen = await open();
      screen.type(`ecsh cp ${lab.folder}/rep\t`);
      await screen.until(/report\.csv$/m);
      screen.type('lab/thr\t');
      await screen.until(/report\.csv lab\/three:$/m);
      screen.type('/tmp/x');
      await screen.until(/lab\/three:\/tmp\/x$/m);
      screen.close();
    });

    it('prints nothing if AWS is unreachable', async () => {
      const env = {
        ...lab.environment,
        PATH: path,
        TERM: 'dumb',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      };
      const screen = await lab.openScreen(words, { env, cols: 100 });
      screen.type(`${install}; echo re''ady\r`);
      await screen.until(/^ready$/m);
      screen.type('ecsh exec nowhere/x\t');
      screen.type('y; echo d""one\r');
      const text = (await screen.until(/^[\s\S]*one$/m))[0];
      expect(text).not.toMatch(/ECONNREFUSED|cannot reach/i);
      screen.close();
    });
  });
}
