import { EcshError } from '#domain/errors/errors.ts';

export interface ListenAddresses {
  readonly addresses: readonly string[];
  /** Other machines may be able to reach it. */
  readonly isOpen: boolean;
}

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1)$/;
const IP = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f:.]*:[\da-f:.]*)$/i;

/** As with ssh, `*` is every address of both families. `::` alone is IPv6 only, as with ssh and kubectl. */
const EVERY = ['0.0.0.0', '::'];

/**
 * Reads where to listen: one address, or several with commas as with kubectl. `localhost` means its IPv4 and its
 * IPv6 address, as with ssh and kubectl, because programs try either first.
 *
 * @throws EcshError `address-unusable`
 */
export function listenAddresses(text: string): ListenAddresses {
  const named = text.split(',').flatMap(addressesOf);
  const addresses = [...new Set(named.map((address) => widest(address, named)))];
  return { addresses, isOpen: !addresses.every((address) => LOOPBACK.test(address)) };
}

/** One listener on all addresses of a family leaves no room for another on one of them. */
function widest(address: string, named: readonly string[]): string {
  const all = address.includes(':') ? '::' : '0.0.0.0';
  return named.includes(all) ? all : address;
}

function addressesOf(word: string): readonly string[] {
  const address = word.trim().replace(/^\[(.*)\]$/, '$1');
  if (address.toLowerCase() === 'localhost') return ['127.0.0.1', '::1'];
  if (address === '*') return EVERY;
  if (IP.test(address)) return [address];
  throw new EcshError('address-unusable', `"${address}" is not an IP address.`, {
    hint: "Give an address of this machine, such as 10.0.0.5 or ::1, or '*' for all of them.",
  });
}
