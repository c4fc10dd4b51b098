import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { assertBuilt, ECSH } from '#test/helpers/program.ts';
import { Screen } from '#test/helpers/screen.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';
import {
  type Cast,
  type CastEvent,
  framesOf,
  readCast,
  textOf,
  writeCast,
} from '../../build/picture/cast.ts';
import {
  ANSWER_TIME,
  FIRST,
  HEIGHT,
  KEY_TIME,
  SCENARIO,
  WIDTH,
} from '../../build/picture/scenario.ts';
import { animatedSvg, stillSvg } from '../../build/picture/svg.ts';

const CAST = fileURLToPath(new URL('../../docs/images/demo.cast', import.meta.url));
/** Set by `npm run picture` to record anew. */
const IS_RECORDING = process.env.ECSH_PICTURE === '1';

beforeAll(assertBuilt);

describe('the picture in the README', () => {
  it('shows what the program prints today', async () => {
    const cast = await record();
    if (IS_RECORDING) writeFileSync(CAST, writeCast(cast));
    const [now, then] = await Promise.all([screensOf(cast), screensOf(committed())]);
    expect(now).toEqual(then);
  }, 60_000);

  it('matches its recording, as an animation and a still image of at most 300 KB', async () => {
    const cast = committed();
    const svg = await animatedSvg(cast);
    const frames = await framesOf(cast);
    const last = frames.at(-1);
    if (last === undefined) throw new Error('nothing is recorded');
    await expect(svg).toMatchFileSnapshot('../../docs/images/demo.svg');
    await expect(stillSvg(cast, last)).toMatchFileSnapshot('../../docs/images/demo-still.svg');
    expect(svg.length).toBeLessThan(300_000);
  });
});

function committed(): Cast {
  return readCast(readFileSync(CAST, 'utf8'));
}

/** Types the scenario into a shell inside the simulator. Times come from the script, not from the clock. */
async function record(): Promise<Cast> {
  const folder = temporaryFolder('picture');
  const [node, script] = ECSH;
  writeFileSync(join(folder, 'ecsh'), `#!/bin/sh\nexec '${node}' '${script}' "$@"\n`, {
    mode: 0o755,
  });
  symlinkSync('/bin/bash', join(folder, 'bash'));
  const env = {
    PATH: `${folder}:${process.env.PATH ?? ''}`,
    HOME: folder,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    PS1: '$ ',
    BASH_SILENCE_DEPRECATION_WARNING: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const rc = join(folder, 'rc');
  writeFileSync(rc, "PS1='$ '; bind 'set enable-bracketed-paste off'; clear\n");
  const words = ['ecsh', 'simulate', '--', 'bash', '--rcfile', rc];
  const screen = await Screen.open(words, { env, cols: WIDTH, rows: HEIGHT });
  await screen.untilWindow(FIRST);
  const events: CastEvent[] = [[0, 'o', '$ ']];
  let seen = screen.received.length;
  let time = 1;
  const note = () => {
    const { received } = screen;
    if (received.length === seen) return;
    events.push([Number(time.toFixed(2)), 'o', received.subarray(seen).toString('utf8')]);
    seen = received.length;
  };
  for (const { type, typed = /^/, until, pause } of SCENARIO) {
    for (const key of type.slice(0, -1)) {
      const before = screen.received.length;
      screen.type(key);
      while (screen.received.length === before) await screen.changed();
      // A list is drawn in several steps.
      await setTimeout(50);
      time += KEY_TIME;
      note();
    }
    await screen.untilWindow(typed);
    note();
    time += ANSWER_TIME;
    screen.type('\r');
    await screen.untilWindow(until);
    note();
    time += pause;
  }
  screen.close();
  return { width: WIDTH, height: HEIGHT, events };
}

/** The screens at the pauses of the scenario, without times and ages. */
async function screensOf(cast: Cast): Promise<readonly string[]> {
  const frames = await framesOf(cast);
  const isPause = (index: number) => {
    const next = frames[index + 1]?.time ?? Number.POSITIVE_INFINITY;
    return next - (frames[index]?.time ?? 0) > ANSWER_TIME;
  };
  return frames
    .filter((_, index) => isPause(index))
    .map((frame) => textOf(frame).replace(/ +\d+(ms|s|m|h|d)\b/g, ' TIME'));
}
