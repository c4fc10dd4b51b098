import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { ApiError } from '#simulator/api/api-error.ts';
import { parseAuthorization } from '#simulator/api/credentials.ts';
import { ec2Error, ec2Response, queryError, queryResponse } from '#simulator/api/xml.ts';
import { s3Error, s3OperationOf } from '#simulator/services/s3-operations.ts';
import { portOf } from './private-ca.ts';

export interface FixtureServer {
  /** All variables that a program needs to use it. */
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

/** The answer to a call without a file in the folder. */
export type Otherwise = 'denied' | 'empty' | 'unknown operation' | 'server error';

/**
 * An AWS that answers from the files of a folder, which are named after the calls: `describe-tasks.json`. It
 * derives lists from them, and returns only the requested tasks.
 */
export async function startFixtureServer(
  folder: string,
  otherwise: Otherwise = 'denied',
): Promise<FixtureServer> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { service = '' } = parseAuthorization(request.headers.authorization) ?? {};
    const { method = '', url = '' } = request;
    const target = String(request.headers['x-amz-target'] ?? '');
    const call = readCall({ service, method, url, target, body });
    const answer = answerTo(call, folder, otherwise);
    response.writeHead(answer.status, { 'content-type': PROTOCOL_TYPES[call.protocol] });
    response.end(method === 'HEAD' ? '' : answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    environment: environmentOf(`http://127.0.0.1:${portOf(server.address())}`),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function environmentOf(url: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    HOME: '/nonexistent',
  };
}

type Json = Readonly<Record<string, unknown>>;
type Protocol = 'json' | 'query' | 'ec2' | 's3';

const PROTOCOL_TYPES: Readonly<Record<Protocol, string>> = {
  json: 'application/x-amz-json-1.1',
  query: 'text/xml',
  ec2: 'text/xml',
  s3: 'application/xml',
};

interface Call {
  readonly protocol: Protocol;
  readonly service: string;
  readonly operation: string;
  readonly action: string;
  readonly input: Json;
}

interface RawCall {
  readonly service: string;
  readonly method: string;
  readonly url: string;
  readonly target: string;
  readonly body: string;
}

function readCall({ service, method, url, target, body }: RawCall): Call {
  if (target !== '') {
    const operation = target.slice(target.lastIndexOf('.') + 1);
    const input = JSON.parse(body || '{}');
    return { protocol: 'json', service, operation, action: `${service}:${operation}`, input };
  }
  if (service === 's3') {
    const { name: operation, action } = s3OperationOf({ method, url });
    return { protocol: 's3', service, operation, action, input: {} };
  }
  const operation = new URLSearchParams(body).get('Action') ?? '';
  const protocol = service === 'ec2' ? 'ec2' : 'query';
  return { protocol, service, operation, action: `${service}:${operation}`, input: {} };
}

function answerTo(
  call: Call,
  folder: string,
  otherwise: Otherwise,
): { status: number; body: string } {
  const output = outputOf(call, folder);
  if (output !== undefined) return { status: 200, body: success(call, output) };
  switch (otherwise) {
    case 'denied':
      return denial(call);
    case 'empty':
      return { status: 200, body: call.protocol === 'json' ? '{}' : '' };
    case 'unknown operation':
      return { status: 400, body: JSON.stringify({ __type: 'UnknownOperationException' }) };
    case 'server error':
      return { status: 500, body: '' };
  }
}

function success({ protocol, operation }: Call, output: Json): string {
  switch (protocol) {
    case 'json':
      return JSON.stringify(output, epochSeconds);
    case 'ec2':
      return ec2Response(operation, output);
    case 'query':
      return queryResponse('https://iam.amazonaws.com/doc/2010-05-08/', operation, output);
    case 's3':
      return '';
  }
}

/** AWS JSON 1.1 has seconds, but the AWS CLI prints dates. */
function epochSeconds(key: string, value: unknown): unknown {
  const isDate = /(At|Date)$/.test(key) && typeof value === 'string';
  return isDate ? Date.parse(value) / 1000 : value;
}

const CALLER = 'arn:aws:iam::123456789012:user/dev';

function denial({ protocol, action }: Call): { status: number; body: string } {
  const message = `User: ${CALLER} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
  if (protocol === 'json') {
    return { status: 400, body: JSON.stringify({ __type: 'AccessDeniedException', message }) };
  }
  if (protocol === 'ec2') {
    return { status: 403, body: ec2Error(new ApiError('UnauthorizedOperation', message)) };
  }
  const denied = new ApiError('AccessDenied', message);
  return { status: 403, body: protocol === 's3' ? s3Error(denied) : queryError('', denied) };
}

/** Undefined: the folder has no such task. */
function outputOf({ operation, input }: Call, folder: string): Json | undefined {
  const tasks = listIn(readFixture(folder, 'DescribeTasks'), 'tasks');
  const services = listIn(readFixture(folder, 'DescribeServices'), 'services');
  switch (operation) {
    case 'ListTasks':
      return { taskArns: tasks.filter((task) => isListed(task, input)).map(textIn('taskArn')) };
    case 'ListServices':
      return { serviceArns: services.map(textIn('serviceArn')) };
    case 'ListClusters':
      return { clusterArns: [...new Set([...tasks, ...services].map(textIn('clusterArn')))] };
    case 'DescribeTasks':
      return { tasks: asked(tasks, 'taskArn', input.tasks), failures: missing(tasks, input.tasks) };
    default:
      return readFixture(folder, operation);
  }
}

function isListed(task: Json, { serviceName, family, desiredStatus = 'RUNNING' }: Json): boolean {
  const isOfService = serviceName === undefined || task.group === `service:${nameOf(serviceName)}`;
  const isOfFamily =
    family === undefined || nameOf(task.taskDefinitionArn).startsWith(`${String(family)}:`);
  return isOfService && isOfFamily && (task.desiredStatus ?? 'RUNNING') === desiredStatus;
}

function asked(items: readonly Json[], key: string, references: unknown): readonly Json[] {
  const names = [references].flat().map(nameOf);
  return items.filter((item) => names.includes(nameOf(item[key])));
}

function missing(tasks: readonly Json[], references: unknown): readonly Json[] {
  return [references]
    .flat()
    .filter((reference) => asked(tasks, 'taskArn', reference).length === 0)
    .map((reference) => ({ arn: reference, reason: 'MISSING' }));
}

/** Returns the name in an ARN, or a plain name unchanged. */
function nameOf(reference: unknown): string {
  const text = String(reference);
  return text.slice(text.lastIndexOf('/') + 1);
}

function textIn(key: string): (item: Json) => string {
  return (item) => String(item[key]);
}

function listIn(fixture: Json | undefined, key: string): readonly Json[] {
  const list = fixture?.[key];
  return Array.isArray(list) ? list : [];
}

/** The file of `DescribeTasks` is `describe-tasks.json`. */
function readFixture(folder: string, operation: string): Json | undefined {
  const name = operation.replace(/(?!^)([A-Z])/g, '-$1').toLowerCase();
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
