import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { signalLine } from '#envelope/envelope-input.ts';
import { runEnvelope } from '#test/helpers/run-envelope.ts';
import { COMMON_SHELLS, hasProgram, imageEnvironment, ODD_SHELLS } from '#test/helpers/shells.ts';

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const digest = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

for (const shell of ODD_SHELLS) {
  describe.skipIf(!hasProgram(shell))(`the envelope in ${shell}`, { concurrent: true }, () => {
    test.each([
      ['out and err', ['sh', '-c', 'echo out; echo err >&2; exit 7'], 7],
      ['nothing', ['true'], 0],
      ['a missing program', ['nosuchcmd'], 127],
      ['SIGKILL', ['sh', '-c', 'kill -9 $$'], 137],
      ['SIGTERM', ['sh', '-c', 'kill -15 $$'], 143],
    ])('reports the status of %s', async (_name, argv, status) => {
      const result = await runEnvelope(shell, argv);
      expect(result).toMatchObject({ status, hasStarted: true, ended: ['stderr', 'stdout'] });
      if (status === 7) expect(`${result.stdout}${result.stderr}`).toBe('out\nerr\n');
    });

    test('transfers every byte in both directions, and the end of stdin', async () => {
      const stdin = Buffer.concat([everyByte, randomBytes(50_000)]);
      const result = await runEnvelope(shell, ['tee', '/dev/stderr'], {
        stdin,
        onWay: (message, index) => Array.from({ length: 1 + (index % 2) }, () => message),
      });
      expect(result).toMatchObject({ status: 0, isInputDamaged: false });
      expect(digest(result.stdout)).toBe(digest(stdin));
      expect(digest(result.stderr)).toBe(digest(stdin));
    });

    test('transfers text in the raw encoding, or reports damage', async () => {
      const stdin = Buffer.from('one\r\ntwo é\n'.repeat(100));
      const result = await runEnvelope(shell, ['tee', '/dev/stderr'], { stdin, raw: true });
      const wrong = (['stderr', 'stdout'] as const).filter((name) => !result[name].equals(stdin));
      expect({ status: result.status, damaged: [...result.damaged].sort() }).toEqual({
        status: 0,
        damaged: wrong,
      });
      // posh splits text within a character.
      if (shell !== 'posh') expect(wrong).toEqual([]);
    });

    test('works without base64', async () => {
      const result = await runEnvelope(shell, ['cat'], { stdin: everyByte, without: ['base64'] });
      expect(result).toMatchObject({ status: 0, stdout: everyByte });
    });

    test('sets variables, including those that are special in the shell', async () => {
      const environment = {
        A: 'a b\n',
        UID: '1000',
        GID: '7',
        PPID: '7',
        OPTIND: 'x',
        _l: 'l',
        _v: 'v',
      };
      const result = await runEnvelope(shell, ['env'], { environment });
      expect(result.stderr.toString()).toBe('');
      expect(result.status).toBe(0);
      for (const [name, value] of Object.entries(environment)) {
        expect(`\n${result.stdout}`).toContain(`\n${name}=${value}`);
      }
    });

    test('signals the command, even while it does not read', async () => {
      const result = await runEnvelope(shell, ['sleep', '60'], {
        stdin: Buffer.alloc(400_000),
        onStart: (send, pid) => setTimeout(() => send(signalLine('SIGTERM', pid)), 300),
      });
      expect(result.status).toBe(143);
    });
  });
}

/** Variables of an image that change the behaviour of the shell. */
const HOSTILE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  TMOUT: { TMOUT: '1' },
  errexit: { SHELLOPTS: 'errexit:nounset:pipefail' },
  xtrace: { SHELLOPTS: 'xtrace:verbose', PS4: '+$(date) ' },
  noglob: { SHELLOPTS: 'noglob:noclobber' },
  CDPATH: { CDPATH: '/' },
  ENV: { ENV: '/etc/passwd', BASH_ENV: '/etc/passwd', FPATH: '/usr' },
  IFS: { IFS: 'echo', PS1: '$(exit 3)', POSIXLY_CORRECT: '1' },
  'our names': { _n: 'x', _V: 'x', _l: 'x', _q: '7', _k: '9', _w: 'w', _E: '-e', _r: 'r' },
  functions: { 'BASH_FUNC_printf%%': '() { :; }', 'BASH_FUNC_echo%%': '() { :; }' },
  locale: { LC_ALL: 'C.UTF-8', LANG: 'xx_YY' },
};

for (const shell of [...COMMON_SHELLS, ...ODD_SHELLS]) {
  const isPossible = hasProgram(shell) && hasProgram('busybox');
  describe.skipIf(!isPossible)(`with ${shell} as sh`, { concurrent: true }, () => {
    test.each(Object.entries(HOSTILE))('is exact in an image with %s', async (name, image) => {
      // This takes longer than its TMOUT.
      const pause = 'TMOUT' in image ? 'sleep 1.5; ' : '';
      const script = `cat; ${pause}echo err >&2; exit 7`;
      const stdin = randomBytes(3_000);
      const result = await runEnvelope(shell, ['busybox', 'sh', '-c', script], {
        stdin,
        image,
        directory: name === 'CDPATH' ? 'usr' : undefined,
      });
      expect(`${result.stderr}`).toBe('err\n');
      expect(result).toMatchObject({ status: 7, stdout: stdin, isInputDamaged: false });
    });
  });
}

/** Writes each character separately, like toybox on Android. */
function slowPrintf(): Readonly<Record<string, string>> {
  const image = imageEnvironment('mksh', ['printf']);
  const script = '#!/bin/sh\nexec /usr/bin/printf "$@" | /bin/dd bs=1 2>/dev/null\n';
  writeFileSync(`${image.PATH}/printf`, script, { mode: 0o755 });
  return image;
}

describe.skipIf(!hasProgram('mksh'))(
  'the envelope with a printf that writes single characters',
  () => {
    test('is exact, and reports the status', async () => {
      const script = 'echo out; echo err >&2; exit 7';
      const runs = Array.from({ length: 5 }, () =>
        runEnvelope('mksh', ['sh', '-c', script], { image: slowPrintf() }),
      );
      for (const { status, stdout, stderr } of await Promise.all(runs)) {
        expect([status, `${stdout}`, `${stderr}`]).toEqual([7, 'out\n', 'err\n']);
      }
    });
  },
);
