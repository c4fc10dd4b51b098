import { parseForward } from '#domain/port-forward.ts';
import { runForward } from '#forward/forward.ts';
import type { Listen } from '#forward/listener.ts';
import { assertForwards } from './checked.ts';
import type { Forwarding, PortForwardOptions } from './client-options.ts';
import { prepareSession, type World } from './session-context.ts';

interface ForwardWorld extends World {
  readonly listen: Listen;
}

const LOOPBACK = '127.0.0.1';

/**
 * @returns when every port listens
 * @throws EcshError if a port is in use, or there is no session
 */
export async function forwardIn(
  world: ForwardWorld,
  text: string,
  words: readonly string[],
  options: PortForwardOptions,
): Promise<Forwarding> {
  const { region, profile, endpointUrl, address = LOOPBACK } = options;
  const closing = new AbortController();
  const signals = [closing.signal, ...(options.signal === undefined ? [] : [options.signal])];
  const signal = AbortSignal.any(signals);
  assertForwards(words);
  const forwards = words.map(parseForward);
  const { ports, ...start } = await prepareSession(world, text, { ...options, signal });
  return new Promise((resolve, reject) => {
    const ended = runForward(
      { ...ports, listen: world.listen },
      {
        ...start,
        forwards,
        addresses: [address],
        flags: { region, profile, endpointUrl },
        onReady: (open) => {
          const done = ended.then(() => undefined);
          done.catch(() => undefined);
          const close = async () => {
            closing.abort();
            await done.catch(() => undefined);
          };
          resolve({
            ports: open.map(({ localPort, host, port }) => ({ localPort, host, port })),
            ended: done,
            close,
            [Symbol.asyncDispose]: close,
          });
        },
      },
    );
    ended.then(() => reject(signal.reason), reject);
  });
}
