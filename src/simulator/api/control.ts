import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Faults, parseFaults } from '#simulator/gateway/faults.ts';
import type { SessionRecord } from '#simulator/gateway/session-book.ts';
import { readBody } from './api-server.ts';
import { hasSecret } from './door.ts';

export const CONTROL_PREFIX = '/_simulator/';

export interface ControlTarget {
  /** The secret access key of this run; control calls carry it as `Authorization: Bearer SECRET`. */
  readonly secret: string;
  readonly records: ReadonlyMap<string, SessionRecord>;
  readonly calls: readonly object[];
  setFaults(faults: Faults): void;
}

type Verb = (target: ControlTarget, body: Record<string, unknown>) => object;

/** Handles POST /_simulator/<verb> with a JSON body, by which tests control a running simulator. */
export async function handleControl(
  target: ControlTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const name = (request.url ?? '').slice(CONTROL_PREFIX.length);
  const verb = request.method === 'POST' ? VERBS.get(name) : undefined;
  const answer = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(body)}\n`);
  };
  if (!hasSecret(request, target.secret)) {
    answer(403, {
      error: 'give the secret access key of this run as "Authorization: Bearer SECRET"',
    });
    return;
  }
  if (verb === undefined) {
    answer(404, { error: `no verb ${name}; there are ${[...VERBS.keys()].join(', ')}` });
    return;
  }
  try {
    answer(200, verb(target, await readInput(request)));
  } catch (error) {
    answer(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

const VERBS: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  [
    'faults',
    (target, body) => {
      const faults = parseFaults(body);
      target.setFaults(faults);
      return faults;
    },
  ],
  ['cut', (target, body) => withSession(target, body, ({ gateway }) => gateway.cut())],
  [
    // Disconnects the agent: now, or just before its next acknowledgement of input (S-8a).
    'cut-agent',
    (target, body) =>
      withSession(target, body, ({ gateway }) =>
        gateway.cutAgent(body.at === 'acknowledgement' ? 'acknowledgement' : 'now'),
      ),
  ],
  ['freeze', (target, body) => withSession(target, body, ({ gateway }) => gateway.freeze())],
  ['terminate', (target, body) => withSession(target, body, ({ gateway }) => gateway.close(''))],
  [
    // Ends the session as if the agent had reported this text.
    'close',
    (target, body) =>
      withSession(target, body, ({ gateway }) => gateway.close(String(body.output ?? ''))),
  ],
  [
    'inject',
    (target, body) =>
      withSession(target, body, ({ gateway }) =>
        gateway.inject(Buffer.from(String(body.base64 ?? ''), 'base64')),
      ),
  ],
  [
    'sessions',
    (target) =>
      [...target.records.values()].map(({ id, request, container, gateway, process }) => ({
        id,
        ...request,
        container,
        target: gateway.target,
        state: gateway.state,
        pid: process?.pid,
        ...gateway.counts,
      })),
  ],
  [
    'frames',
    (target, body) =>
      sessionOf(target, body).gateway.kept.map((f) => Buffer.from(f).toString('base64')),
  ],
  ['calls', (target) => target.calls],
]);

/** The session with this `id`, or the newest one. */
function withSession(
  target: ControlTarget,
  body: Record<string, unknown>,
  run: (record: SessionRecord) => void,
): object {
  const record = sessionOf(target, body);
  run(record);
  return { id: record.id, state: record.gateway.state };
}

function sessionOf({ records }: ControlTarget, body: Record<string, unknown>): SessionRecord {
  const record =
    body.id === undefined ? [...records.values()].at(-1) : records.get(String(body.id));
  if (record === undefined) throw new Error('no such session');
  return record;
}

async function readInput(request: IncomingMessage): Promise<Record<string, unknown>> {
  const text = (await readBody(request)).toString('utf8');
  return asRecord(JSON.parse(text === '' ? '{}' : text));
}

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error('the body must be an object');
  return Object.fromEntries(Object.entries(value));
}
