import { type SignedRequest, type Signing, signedHeaders } from '#test/simulator/api/signed.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Calls one operation of the simulator like an SDK. */
export async function callApi(
  simulator: Signing,
  target: string,
  input: object = {},
  signing: Pick<SignedRequest, 'region'> = {},
): Promise<ApiAnswer> {
  const body = JSON.stringify(input);
  const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' };
  const signed = await signedHeaders(simulator, { ...signing, headers, body });
  const response = await fetch(simulator.endpoint, { method: 'POST', headers: signed, body });
  return { status: response.status, body: toRecord(await response.json()) };
}

/** Returns the value if it is an object; otherwise the test fails. */
function toRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TypeError(`no object: ${value}`);
  return Object.fromEntries(Object.entries(value));
}

/** Returns a field that must be a string. */
export function textOf(value: unknown, name: string): string {
  const text = toRecord(value)[name];
  if (typeof text !== 'string') throw new TypeError(`no text in ${name}`);
  return text;
}

/** Returns a field that must be a list of strings. */
export function textsOf(value: unknown, name: string): string[] {
  const list = toRecord(value)[name];
  if (!Array.isArray(list)) throw new TypeError(`no list in ${name}`);
  return list.map(String);
}

/** Returns a field that is a list of objects; empty if it is missing. */
export function recordsOf(value: unknown, name: string): Record<string, unknown>[] {
  const list = toRecord(value)[name];
  return Array.isArray(list) ? list.map(toRecord) : [];
}

/** Returns the target of the first container of a service of `demo`, for StartSession (PROTOCOL 1.3). */
export async function targetOf(simulator: Signing, serviceName: string): Promise<string> {
  const ecs = async (operation: string, input: object) =>
    (await callApi(simulator, `AmazonEC2ContainerServiceV20141113.${operation}`, input)).body;
  const cluster = 'demo';
  const tasks = textsOf(await ecs('ListTasks', { cluster, serviceName }), 'taskArns').slice(0, 1);
  const [task] = recordsOf(await ecs('DescribeTasks', { cluster, tasks }), 'tasks');
  const [container] = recordsOf(task, 'containers');
  const id = textOf(task, 'taskArn').split('/').at(-1);
  return `ecs:${cluster}_${id}_${textOf(container, 'runtimeId')}`;
}
