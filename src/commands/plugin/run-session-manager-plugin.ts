import type { App } from '#commands/app.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { pluginEndpoint } from '#plugin/plugin-endpoint.ts';
import { readPluginRequest, type StartedSession } from '#plugin/plugin-request.ts';
import { runPlugin } from '#plugin/plugin-run.ts';
import {
  INSTALLED,
  INVALID_OPERATION,
  notStarted,
  unknownOperation,
} from '#plugin/plugin-texts.ts';
import { Reporter } from '#ui/reporter.ts';
import { PLUGIN_VERSION } from './plugin-word.ts';

/**
 * Runs ecsh as session-manager-plugin for the AWS CLI and others. The arguments are not those of ecsh: no flags,
 * and no defaults from the configuration file.
 *
 * @param words the arguments of the plugin
 */
export async function runSessionManagerPlugin(app: App, words: readonly string[]): Promise<number> {
  const request = readPluginRequest(words, app.env);
  switch (request.kind) {
    case 'banner':
      return print(app, INSTALLED);
    case 'version':
      return print(app, `${PLUGIN_VERSION}\n`);
    case 'unknown-operation':
      return print(app, unknownOperation(request.operation));
    case 'invalid-operation':
      return print(app, INVALID_OPERATION);
    case 'unreadable':
      return print(app, notStarted(request.reason));
    case 'session':
      return takeOver(app, request.session);
  }
}

/** Like the real plugin: its callers only look at the text. */
function print(app: App, text: string): number {
  app.stdout.write(text);
  return ExitStatus.ok;
}

async function takeOver(app: App, session: StartedSession): Promise<number> {
  const { stdin, stdout, stderr, env, clock, startedAt, signals, keyboard, listen } = app;
  const reporter = new Reporter({
    ...{ stderr, env, color: 'auto', isQuiet: false, isVerbose: false, startedAt },
    debugStream: env.ECSH_DEBUG === '1' ? stderr : undefined,
    now: () => clock.now(),
  });
  const aws = app.aws({
    region: session.region,
    profile: session.profile,
    endpointUrl: undefined,
    ...pluginEndpoint(session),
    mayGoUnsigned: true,
    noInput: true,
  });
  try {
    return await runPlugin(
      { ...aws, clock, signals, listen, stdin, stdout, keyboard },
      {
        session,
        onNotice: (text) => reporter.notice(text),
        onFailure: (error) => reporter.failure(error),
        onDebug: (text) => reporter.debug(text),
      },
    );
  } catch (error) {
    if (error instanceof EcshError) reporter.failure(error);
    else reporter.bug(error);
    return ExitStatus.failure;
  }
}
