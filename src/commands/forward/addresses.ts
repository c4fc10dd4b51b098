import { EcshError } from '../../domain/errors.ts';

export interface ListenAddresses {
  readonly addresses: readonly string[];
  /** Other machines may reach it. */
  readonly isOpen: boolean;
}

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1)$/;
const IP = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f:.]*:[\da-f:.]*)$/i;

/**
 * Where to listen. `localhost` is both of its addresses, as with ssh and kubectl: programs try the
 * one or the other first.
 *
 * @throws EcshError `address-unusable`
 */
export function listenAddresses(address: string): ListenAddresses {
  if (address.toLowerCase() === 'localhost') {
    return { addresses: ['127.0.0.1', '::1'], isOpen: false };
  }
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  if (IP.test(bare)) return { addresses: [bare], isOpen: !LOOPBACK.test(bare) };
  throw new EcshError('address-unusable', `"${address}" is no IP address.`, {
    hint: 'Give --address one of this machine, such as 0.0.0.0 for all of them.',
  });
}
