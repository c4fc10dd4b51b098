import { EcshError } from '#domain/errors/errors.ts';

export interface ListenAddresses {
  readonly addresses: readonly string[];
  /** Other machines may reach it. */
  readonly isOpen: boolean;
}

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1)$/;
const IP = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f:.]*:[\da-f:.]*)$/i;

/** As ssh's `*`: of either family. `::` alone is IPv6 only, with ssh and kubectl too. */
const EVERY = ['0.0.0.0', '::'];

/**
 * Where to listen: one address, or several with commas as with kubectl. `localhost` is both of its
 * addresses, as with ssh and kubectl: programs try the one or the other first.
 *
 * @throws EcshError `address-unusable`
 */
export function listenAddresses(text: string): ListenAddresses {
  const named = text.split(',').flatMap(addressesOf);
  const addresses = [...new Set(named.map((address) => widest(address, named)))];
  return { addresses, isOpen: !addresses.every((address) => LOOPBACK.test(address)) };
}

/** Where all of a family are listened on, none of them has room for another listener. */
function widest(address: string, named: readonly string[]): string {
  const all = address.includes(':') ? '::' : '0.0.0.0';
  return named.includes(all) ? all : address;
}

function addressesOf(word: string): readonly string[] {
  const address = word.trim().replace(/^\[(.*)\]$/, '$1');
  if (address.toLowerCase() === 'localhost') return ['127.0.0.1', '::1'];
  if (address === '*') return EVERY;
  if (IP.test(address)) return [address];
  throw new EcshError('address-unusable', `"${address}" is no IP address.`, {
    hint: "Give --address one of this machine, such as 10.0.0.5 or ::1, or '*' for all of them.",
  });
}
