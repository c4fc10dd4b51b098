import { EcshError } from '#domain/errors/errors.ts';
import type { ExecSession } from '#domain/ports/session-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import { quoteCommand } from '#envelope/command-line.ts';
import { retry } from './retry.ts';
import type { AdoptingPorts, RemoteCommand, SessionPorts } from './session-options.ts';
import type { CancellationSignals } from './stop.ts';
import { terminateSession } from './terminate.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Three more tries, independent of `--wait`. */
const YOUNG_AGENT_WAIT_MS = 7_000;
/** The time in which a cancelled call can still report its session (ms). */
const ANSWER_LIMIT_MS = 3_000;

/**
 * Starts a session for a command in a container.
 *
 * @throws EcshError of ExecuteCommand, or `interrupted`
 */
export async function executeCommand(
  ports: SessionPorts,
  { target, argv, retryPolicy, cancellation, link }: RemoteCommand,
): Promise<ExecSession> {
  const command = quoteCommand(argv);
  const ecs = await ports.ecs();
  const request = {
    cluster: nameInArn(target.task.clusterArn),
    task: target.task.taskArn,
    container: target.container.name,
    command,
    taskStartedAt: target.task.startedAt,
    service: serviceOf(target.task),
  };
  return startSession(ports, { retryPolicy, cancellation }, () => {
    const session = ecs.executeCommand(request);
    if (link.clusterKeyId !== undefined) void prepareKey(ports);
    return session;
  });
}

/**
 * Calls AWS until there is a session, and in the meantime loads the code that joins it. If the session is no longer
 * wanted by then, the caller ends it.
 *
 * @param call ExecuteCommand or StartSession
 * @throws EcshError of the call, `too-many-open-files`, or `interrupted`: an `UnansweredError` if the call
 *   was made
 */
export function startSession(
  ports: SessionPorts,
  { retryPolicy, cancellation }: Pick<RemoteCommand, 'retryPolicy' | 'cancellation'>,
  call: () => Promise<ExecSession>,
): Promise<ExecSession> {
  // O-2: the control channel of an agent that has just started may not be open yet.
  const waitMs = Math.max(retryPolicy.waitMs, YOUNG_AGENT_WAIT_MS);
  const attempt = () => {
    if (cancellation.signal.aborted) throw cancelledBeforeSession();
    ports.requireDescriptors?.();
    const answer = call();
    ports.prepareSession?.();
    return boundedAnswer(ports, cancellation, answer);
  };
  return retry({ ...retryPolicy, waitMs }, async () => attempt(), cancellation.signal);
}

/** The answer of AWS. Waits a little for it after a cancellation, and ends a session that arrives later. */
async function boundedAnswer(
  ports: SessionPorts,
  cancellation: CancellationSignals,
  answer: Promise<ExecSession>,
): Promise<ExecSession> {
  const limit = new AbortController();
  const giveUp = () => limit.abort();
  let cancelTimer: () => void = () => undefined;
  const onCancel = () => {
    cancelTimer = ports.clock.after(ANSWER_LIMIT_MS, giveUp);
  };
  cancellation.signal.addEventListener('abort', onCancel);
  cancellation.forced.addEventListener('abort', giveUp);
  try {
    const session = await unlessAborted(limit.signal, answer);
    if (session !== undefined) return session;
    const discard = (id: string) => terminateSession(ports, id, cancellation.forced);
    answer.then(({ sessionId }) => discard(sessionId)).catch(() => undefined);
    throw new UnansweredError();
  } finally {
    cancelTimer();
    cancellation.signal.removeEventListener('abort', onCancel);
    cancellation.forced.removeEventListener('abort', giveUp);
  }
}

/** S-3: before the agent's time limit starts. The handshake that needs the key reports a failure. */
export async function prepareKey({ kms }: AdoptingPorts): Promise<void> {
  await kms().catch(() => undefined);
}

/** Cancelled before AWS answered. This is reported, because a session may have begun. */
export class UnansweredError extends EcshError {
  constructor() {
    const hint = 'ecsh doctor --sessions TARGET shows what is open.';
    super('interrupted', `AWS has not said whether a session has begun: ${hint}`);
  }
}

/** Never shown: the caller reports the interruption instead. */
export function cancelledBeforeSession(): EcshError {
  return new EcshError('interrupted', 'Given up before there was a session.');
}
