import { EcshError } from '#domain/errors/errors.ts';
import type { OpenTransport } from '#domain/ports/transport-ports.ts';
import { parseTarget, wholeTarget } from '#domain/resolve/target.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { App } from './app.ts';
import { fileIn, statePath } from './paths.ts';
import { recallSaved } from './saved-targets.ts';
import type { SharedOptions } from './shared-options.ts';

type WithTarget = SharedOptions & { readonly target: string };

/** The target that `-` means, as the user typed it: a service, not the task it had then. */
const LAST = '-';

/** Everything that locates a target. Credentials are not saved: those of the moment are used. */
interface LastTarget {
  /** Without a container. */
  readonly target: string;
  readonly container?: string | undefined;
  readonly cluster?: string | undefined;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly endpointUrl?: string | undefined;
}

/**
 * Puts the last target in the place of `-`, and a saved one in the place of its name. They win over
 * environment and configuration file, so that they are the same place; a flag wins over them.
 *
 * @throws EcshError `last-target-missing`
 */
export async function recallTarget<Options extends WithTarget>(
  app: App,
  reporter: Reporter,
  options: Options,
): Promise<Options> {
  if (options.target !== LAST) {
    const saved = await recallSaved(app, options);
    if (saved !== undefined) reporter.detail(`${options.target} is saved as ${describe(saved)}.`);
    return saved ?? options;
  }
  const { container, ...place } = await readLast(app);
  const recalled = {
    ...options,
    defaultContainer: undefined,
    ...place,
    ...options.given,
    container: options.container ?? container,
  };
  reporter.notice(`The last target: ${describe(recalled)}${elsewhere(recalled, app.env)}.`);
  return recalled;
}

/** Remembers the target once the first session to it is open. A failure to remember it is ignored. */
export function rememberWhenOpen(
  app: App,
  options: WithTarget,
  open: OpenTransport,
): OpenTransport {
  let isRemembered = false;
  return async (...args) => {
    const transport = await open(...args);
    if (!isRemembered) {
      isRemembered = true;
      await writeLast(app, options);
    }
    return transport;
  };
}

async function writeLast({ env, files }: App, options: WithTarget): Promise<void> {
  const path = lastPath(env);
  if (path === undefined) return;
  const { container: inTarget, cluster, region } = parseTarget(options.target);
  const last: LastTarget = {
    target: inTarget === undefined ? options.target : options.target.slice(0, -inTarget.length - 1),
    container: inTarget ?? options.container ?? options.defaultContainer,
    cluster: cluster ?? options.cluster,
    profile: options.profile ?? env.AWS_PROFILE,
    region: options.region ?? region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION,
    endpointUrl: options.endpointUrl ?? env.AWS_ENDPOINT_URL,
  };
  try {
    await files.write(path, `${JSON.stringify(last, null, 2)}\n`);
  } catch (error) {
    // A disk that is full must not end the session.
    if (!(error instanceof EcshError)) throw error;
  }
}

async function readLast({ env, files }: App): Promise<LastTarget> {
  const path = lastPath(env);
  const text = path === undefined ? undefined : await files.read(path);
  const last = text === undefined ? undefined : parseLast(text);
  if (last !== undefined) return last;
  throw new EcshError('last-target-missing', 'There is no last target yet.', {
    hint: 'It is the one that a session was last opened to. Name one:  ecsh prod/web',
  });
}

function lastPath(env: App['env']): string | undefined {
  const folder = statePath(env);
  return folder === undefined ? undefined : fileIn(folder, 'last.json');
}

/** Undefined for an entry that is not ours, or is damaged. */
function parseLast(text: string): LastTarget | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isLastTarget(content) ? content : undefined;
}

function isLastTarget(content: unknown): content is LastTarget {
  if (typeof content !== 'object' || content === null || !('target' in content)) return false;
  return Object.values(content).every((value) => typeof value === 'string');
}

/** An endpoint that the environment does not name, such as that of a simulator that has ended. */
function elsewhere({ endpointUrl }: WithTarget, env: App['env']): string {
  const isUsual = endpointUrl === undefined || endpointUrl === env.AWS_ENDPOINT_URL;
  return isUsual ? '' : `, at ${endpointUrl}`;
}

function describe({ target, container, cluster }: WithTarget): string {
  const name = wholeTarget(target, cluster);
  return container === undefined ? name : `${name}@${container}`;
}
