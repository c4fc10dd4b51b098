import { NormalizedSchema } from '@smithy/core/schema';
import { getSmithyContext } from '@smithy/core/transport';
import { EcshError } from '#domain/errors/errors.ts';

type Middleware = <Input, Result extends { readonly output: object }>(
  next: (input: Input) => Promise<Result>,
  context: object,
) => (input: Input) => Promise<Result>;

/** A client of the SDK. */
interface SdkClient {
  readonly middlewareStack: {
    add(middleware: Middleware, options: { readonly step: 'initialize' }): void;
  };
}

/**
 * Makes every call of a client compare the answer with the model of the service. The SDK itself passes on any JSON,
 * so a wrong answer would fail later, in code that trusts its types.
 *
 * @returns the client; its calls reject with `answer-unreadable` for a part of the wrong type
 */
export function withCheckedAnswers<Client extends SdkClient>(client: Client): Client {
  client.middlewareStack.add(checkAnswer, { step: 'initialize' });
  return client;
}

const checkAnswer: Middleware = (next, context) => async (input) => {
  const result = await next(input);
  const { operationSchema } = getSmithyContext(context);
  if (!Array.isArray(operationSchema)) return result;
  // An operation of the SDK's models: [kind, namespace, name, traits, input, output].
  const [, , operation, , , output] = operationSchema;
  const wrong = findWrongPart(NormalizedSchema.of(output), result.output, '');
  if (wrong !== undefined) throw unreadable(String(operation), wrong);
  return result;
};

function unreadable(operation: string, wrong: string): EcshError {
  return new EcshError(
    'answer-unreadable',
    `The answer to ${operation} is not one of AWS: ${wrong}.`,
    { hint: 'Check --endpoint-url and the proxy: this does not look like AWS.' },
  );
}

/** A sentence about the first part that does not have the type of the schema; undefined if there is none. */
function findWrongPart(schema: NormalizedSchema, value: unknown, path: string): string | undefined {
  if (schema.isStreaming() || schema.isUnitSchema()) return undefined;
  if (schema.isStructSchema()) return findInStructure(schema, value, path);
  if (schema.isListSchema()) return findInList(schema, value, path);
  if (schema.isMapSchema()) return findInMap(schema, value, path);
  const expected = expectedType(schema, value);
  return expected === undefined ? undefined : `${path} is not ${expected}`;
}

function findInStructure(
  schema: NormalizedSchema,
  value: unknown,
  path: string,
): string | undefined {
  if (!isObject(value)) return `${path || 'it'} is not an object`;
  for (const [name, member] of schema.structIterator()) {
    const part: unknown = Reflect.get(value, name);
    if (part === undefined || part === null) continue;
    const wrong = findWrongPart(member, part, path === '' ? name : `${path}.${name}`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function findInList(schema: NormalizedSchema, value: unknown, path: string): string | undefined {
  if (!Array.isArray(value)) return `${path} is not a list`;
  const member = schema.getValueSchema();
  for (const item of value) {
    const wrong = findWrongPart(member, item, `${path}[]`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function findInMap(schema: NormalizedSchema, value: unknown, path: string): string | undefined {
  if (!isObject(value)) return `${path} is not a map`;
  const member = schema.getValueSchema();
  for (const item of Object.values(value)) {
    const wrong = findWrongPart(member, item, `${path}{}`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** The required type of a simple value, if it has another type. Ignores blobs and documents. */
function expectedType(schema: NormalizedSchema, value: unknown): string | undefined {
  if (schema.isStringSchema()) return typeof value === 'string' ? undefined : 'a text';
  if (schema.isBooleanSchema()) return typeof value === 'boolean' ? undefined : 'true or false';
  if (schema.isNumericSchema()) return Number.isFinite(value) ? undefined : 'a number';
  if (!schema.isTimestampSchema()) return undefined;
  const isTime = value instanceof Date && !Number.isNaN(value.getTime());
  return isTime ? undefined : 'a time';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
