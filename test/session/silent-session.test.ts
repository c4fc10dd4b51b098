import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { ActiveSession } from '#domain/ports/session-responses.ts';
import { type SilenceWatch, watchSilence } from '#session/silent-session.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

const NOTICE =
  'The session is open but silent. The container may have as many sessions as its limit allows.';

function start(changes: Partial<SilenceWatch> = {}, found: readonly ActiveSession[] = []) {
  const clock = new ManualClock();
  const heard: string[] = [];
  const failures: EcshError[] = [];
  const cancel = watchSilence({
    clock,
    sessions: async () => ({ describeSessions: async () => found }),
    sessionId: 'own',
    targetId: `ecs:prod_${'a'.repeat(32)}_runtime`,
    waitMs: 0,
    isSilent: () => true,
    onNotice: (text) => heard.push(text),
    onFailure: (error) => failures.push(error),
    ...changes,
  });
  return { clock, heard, failures, cancel };
}

const own = { SessionId: 'own', Owner: 'me' };

function holder(name: string, minutes: number): ActiveSession {
  const StartDate = new Date(new ManualClock().now() + 20_000 - minutes * 60_000);
  return { SessionId: `s-${name}`, Owner: `arn:aws:sts::1:assumed-role/dev/${name}`, StartDate };
}

describe('an open session that stays silent', () => {
  it('is reported after ten seconds', async () => {
    const { clock, heard } = start();
    await clock.advance(9_999);
    expect(heard).toEqual([]);
    await clock.advance(1);
    expect(heard).toEqual([NOTICE]);
  });

  it('fails after twenty seconds if others use the limit, and names them', async () => {
    const { clock, failures } = start({}, [own, holder('ann', 3), holder('bob', 90)]);
    await clock.advance(19_999);
    expect(failures).toEqual([]);
    await clock.advance(1);
    expect(failures).toMatchObject([
      {
        code: 'session-limit',
        message:
          'The container answered nothing: it probably has as many sessions as its limit allows. They are held by ann for 3 min (s-ann), bob for 90 min (s-bob).',
        hint: `Wait for one to end with --wait 5m, or end one of yours:  ecsh sessions end ID\nSee who is in there:  ecsh sessions prod/${'a'.repeat(32)}`,
        retryable: true,
      },
    ]);
  });

  it('fails after twenty seconds if the other sessions are unknown', async () => {
    const denied = () => Promise.reject(new EcshError('access-denied', 'Not you.'));
    for (const sessions of [undefined, denied]) {
      const { clock, failures } = start({ sessions });
      await clock.advance(20_000);
      expect(failures).toMatchObject([
        {
          code: 'session-limit',
          message:
            'The container answered nothing: it probably has as many sessions as its limit allows.',
        },
      ]);
    }
  });

  it('has five minutes if no limit is reached', async () => {
    const { clock, failures } = start({}, [own, holder('ann', 1)]);
    await clock.advance(299_999);
    expect(failures).toEqual([]);
    await clock.advance(1);
    expect(failures).toMatchObject([
      { code: 'session-silent', message: 'The container has answered nothing for five minutes.' },
    ]);
  });

  it('has the time of --wait in addition', async () => {
    const { clock, failures } = start({ waitMs: 60_000 }, [holder('ann', 1), holder('bob', 1)]);
    await clock.advance(79_999);
    expect(failures).toEqual([]);
    await clock.advance(1);
    expect(failures).toHaveLength(1);
  });

  it('is not reported after a response, or after its end', async () => {
    let isSilent = true;
    const answered = start({ isSilent: () => isSilent });
    const ended = start();
    isSilent = false;
    ended.cancel();
    for (const { clock, heard, failures } of [answered, ended]) {
      await clock.advance(400_000);
      expect([...heard, ...failures]).toEqual([]);
    }
  });
});
