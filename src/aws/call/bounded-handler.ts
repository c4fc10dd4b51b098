import { pipeline, Readable, Transform } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { EcshError } from '#domain/errors/errors.ts';
import { EventLengths } from './event-lengths.ts';

/** The time limit from the request to the last byte of the answer, in milliseconds, even if it arrives slowly. */
export const ANSWER_LIMIT_MS = 60_000;
/** The limit for an answer, and for each event of a stream. The largest, DescribeTasks of 100 tasks, are below 1 MiB. */
export const ANSWER_LIMIT_BYTES = 6 * 1024 * 1024;

type Request = Parameters<NodeHttpHandler['handle']>;

/** The SDK's handler with limits. The SDK itself has no limit for the size or the time of an answer. */
export class BoundedHandler extends NodeHttpHandler {
  override async handle(...[request, options]: Request): ReturnType<NodeHttpHandler['handle']> {
    const began = performance.now();
    const result = await super.handle(request, options);
    const body: unknown = result.response.body;
    if (!(body instanceof Readable)) return result;
    const left = ANSWER_LIMIT_MS - (performance.now() - began);
    // A refused stream is one short answer, like that of every other call.
    const isEventStream =
      result.response.statusCode < 300 &&
      options !== undefined &&
      Reflect.get(options, 'isEventStream') === true;
    result.response.body = isEventStream
      ? boundedEvents(body, request.hostname)
      : bounded(body, left, request.hostname);
    return result;
  }
}

/**
 * Limits each message of an answer that lasts for hours, and the silence between messages. The SDK hangs at a message
 * that declares fewer bytes than its header has, and allocates as many bytes as a message declares.
 */
function boundedEvents(body: Readable, host: string): Readable {
  const lengths = new EventLengths(ANSWER_LIMIT_BYTES);
  const output = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      timer.refresh();
      if (lengths.accept(chunk)) done(null, chunk);
      else done(unreadableEvent(host));
    },
  });
  const timer = setTimeout(() => output.destroy(tooLate(host)), ANSWER_LIMIT_MS).unref();
  return pipeline(body, output, () => clearTimeout(timer));
}

function bounded(body: Readable, limitMs: number, host: string): Readable {
  let size = 0;
  const output = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      size += chunk.length;
      if (size > ANSWER_LIMIT_BYTES) done(tooLarge(host));
      else done(null, chunk);
    },
  });
  const timer = setTimeout(() => output.destroy(tooLate(host)), limitMs).unref();
  return pipeline(body, output, () => clearTimeout(timer));
}

function unreadableEvent(host: string): Error {
  return final(
    new EcshError(
      'answer-unreadable',
      `${host} sent an event of a length that AWS does not send.`,
      {
        hint: 'Check --endpoint-url and the proxy: this does not look like AWS.',
      },
    ),
  );
}

function tooLarge(host: string): Error {
  return final(
    new EcshError('answer-unreadable', `The answer of ${host} is larger than any answer of AWS.`, {
      hint: 'Check --endpoint-url and the proxy: this does not look like AWS.',
    }),
  );
}

function tooLate(host: string): Error {
  const seconds = ANSWER_LIMIT_MS / 1000;
  return final(
    new EcshError(
      'service-silent',
      `${host} did not complete its answer within ${seconds} seconds.`,
      {
        hint: 'Check the network, the proxy and --endpoint-url; then try again.',
        retryable: true,
      },
    ),
  );
}

/** With `$metadata`, the SDK treats it as one of its own errors and keeps its message. */
function final(error: EcshError): Error {
  return Object.assign(error, { $metadata: {} });
}
