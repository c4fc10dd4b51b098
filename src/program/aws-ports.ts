import { setFlagsFromString } from 'node:v8';
import type { AwsConnection } from '#aws/connect.ts';
import { createDoctorPorts } from '#aws/doctor.ts';
import { lazyAdapters } from '#aws/lazy-adapters.ts';
import type { AwsPorts, AwsSettings } from '#commands/app.ts';
import { endSessionsWords, watchSessionsWords } from '#commands/end-sessions/words.ts';
import { systemClock } from '#local/clock.ts';
import { WatchingShell } from '#local/session-guard.ts';
import { accessAws } from '../aws-access.ts';
import { keyboardUse } from './keyboard-use.ts';
import { ownWords } from './own-words.ts';

/** Used after a bug: ends the sessions that no watcher will end. */
export const emergency = { endUnwatched: async (): Promise<void> => undefined };

/** AWS for one invocation. Adapters load when they are first needed. */
export function accessAwsPorts({ noInput = false, ...settings }: AwsSettings): AwsPorts {
  const { connect, loadTransport, ...access } = accessAws({
    ...settings,
    env: process.env,
    clock: systemClock,
    askMfaCode: async (serial, wasRejected) => {
      const { askForMfaCode } = await import('./mfa-question.ts');
      return askForMfaCode(serial, { noInput, wasRejected });
    },
    // Not during a question.
    onSlow: (text) => (keyboardUse.isAskingForMfaCode ? undefined : settings.onSlow?.(text)),
  });
  const guard = guardSessions(settings);
  emergency.endUnwatched = () => endUnwatched(guard, access.ssm);
  return {
    ...access,
    ...createAdapters(connect),
    // Not before the call has been sent.
    prepareSession: () =>
      setImmediate(() => {
        // `openTransport` reports it when there is a session to end.
        loadTransport().catch(() => undefined);
        guard.prepare();
      }),
    openTransport(...args) {
      if (!keyboardUse.hasSession) keepYoungGenerationSmall();
      keyboardUse.hasSession = true;
      return access.openTransport(...args);
    },
    guard,
  };
}

type Adapters = Pick<
  AwsPorts,
  'inventory' | 'admin' | 'protection' | 'logEvents' | 'sessionLogs' | 'doctor'
>;

function createAdapters(connect: () => Promise<AwsConnection>): Adapters {
  const { adapter, ecs, service } = lazyAdapters(connect);
  return {
    inventory: ecs(async () => (await import('#aws/ecs/inventory.ts')).createInventory),
    admin: ecs(async () => (await import('#aws/ecs/ecs-admin.ts')).createEcsAdmin),
    protection: ecs(async () => (await import('#aws/ecs/task-protection.ts')).createTaskProtection),
    logEvents: async (region) => {
      const [{ createLogEvents }, { config, identity }] = await Promise.all([
        import('#aws/log-events.ts'),
        connect(),
      ]);
      return createLogEvents(config, identity, region);
    },
    sessionLogs: service(async () => (await import('#aws/session-logs.ts')).createSessionLogs),
    doctor: {
      ...createDoctorPorts(connect),
      local: adapter(async () => {
        const { createLocalFacts } = await import('../local-facts.ts');
        const { env, versions } = process;
        return (aws) =>
          createLocalFacts(aws, { nodeVersion: versions.node, streamHost: env.ECSH_STREAM_HOST });
      }),
    },
  };
}

/** The guard also watches tasks, whose IDs have a colon and which SSM does not know. */
async function endUnwatched(
  { unwatched }: WatchingShell,
  connectSsm: AwsPorts['ssm'],
): Promise<void> {
  const ids = unwatched.filter((id) => !id.includes(':'));
  if (ids.length === 0) return;
  const ssm = await connectSsm();
  await Promise.allSettled(ids.map((id) => ssm.terminateSession(id)));
}

/** Windows has no `sh`, so another ecsh is the watcher, which takes more memory. */
function guardSessions(settings: Omit<AwsSettings, 'noInput'>): WatchingShell {
  const { platform, env } = process;
  const endSessions = [...ownWords(), ...endSessionsWords(settings)];
  const watcher = [...ownWords(), ...watchSessionsWords(settings)];
  return new WatchingShell({
    endSessions,
    ...(platform === 'win32' ? { watcher } : {}),
    env: withoutTokens(env),
  });
}

/** The response for a session that the AWS CLI has started, including the token. */
function withoutTokens(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isToken = (name: string) => name.startsWith('AWS_SSM_START_SESSION_RESPONSE');
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isToken(name)));
}

/**
 * V8 lets the space for new objects grow during a stream, from 4 MiB to 32 and more, although the objects of a
 * frame are free after the turn (docs/performance.md). This is undone before Node.js 22 stores compiled code
 * at the exit, because V8 rejects code that was compiled with other flags.
 */
function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  process.on('exit', () => setFlagsFromString('--semi-space-growth-factor=2'));
}
