import { expect, it } from 'vitest';
import { ExecOutput } from '#exec/exec-output.ts';
import { SlowStream } from '#test/fakes/fake-streams.ts';
import { ManualClock, settle } from '#test/fakes/manual-clock.ts';

it('resumes only when both streams have room again (S-6)', async () => {
  const stdout = new SlowStream(1);
  const stderr = new SlowStream(1);
  const heard: string[] = [];
  const output = new ExecOutput(
    { stdout, stderr },
    {
      clock: new ManualClock(),
      pause: () => heard.push('pause'),
      resume: () => heard.push('resume'),
      send: () => undefined,
      hasFlowControl: () => false,
      onBroken: () => heard.push('broken'),
    },
  );
  output.write('stdout', Buffer.from('out'));
  output.write('stderr', Buffer.from('err'));
  await settle();
  expect(heard).toEqual(['pause', 'pause']);
  stdout.take();
  await settle();
  expect(heard).not.toContain('resume');
  stderr.take();
  await settle();
  expect(heard).toEqual(['pause', 'pause', 'resume']);
});
