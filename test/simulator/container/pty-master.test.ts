import { expect, test } from 'vitest';
import { startContainerProcess } from '#simulator/container/container-process.ts';
import { plainSpace } from '#simulator/container/container-space.ts';

const hostPath = process.env.PATH ?? '';

test('reads everything that a program wrote, even after it has ended', async () => {
  const script = 'printf %04000d 1; printf %04000d 2';
  const child = await startContainerProcess({
    words: ['sh', '-c', script],
    space: plainSpace({ PATH: hostPath }),
    workdir: '/',
    hostPath,
  });
  await child.exited;
  const chunks: Buffer[] = [];
  for (let data = await child.terminal.read(); data; data = await child.terminal.read()) {
    chunks.push(data);
  }
  child.terminal.close();
  expect(Buffer.concat(chunks).length).toBe(8000);
});
