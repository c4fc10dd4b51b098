import { EcshError } from '../domain/errors.ts';
import type { LocalEvidence } from './evidence.ts';
import { chain, known } from './finding.ts';
import type { Inquiry } from './inquiry.ts';

/** The ends of AWS's host names by the start of the region; all others end in amazonaws.com. */
const DNS_SUFFIXES: readonly (readonly [string, string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-iso-', 'c2s.ic.gov'],
  ['eusc-', 'amazonaws.eu'],
];

const HTTPS = 443;

/** Tier G. */
export async function gatherLocal({ ports, ask, isTerminal }: Inquiry): Promise<LocalEvidence> {
  const local = await ports.local();
  const region = await ask('the configuration', () => local.region());
  const [clockSkew, channelHost] = await Promise.all([
    ask('sts:GetCallerIdentity', () => local.clockSkew()),
    chain(region, async (name) => {
      const host = channelHostIn(name);
      // Not through ask(): it has a limit of its own, and being late is an answer here.
      return known({ host, error: await failureOf(local.reach(host, HTTPS)) });
    }),
  ]);
  return {
    region,
    clockSkew,
    channelHost,
    nodeVersion: known(local.nodeVersion()),
    isTerminal: known(isTerminal),
  };
}

/** Where the data channel goes (READINESS check 80). */
function channelHostIn(region: string): string {
  const suffix = DNS_SUFFIXES.find(([start]) => region.startsWith(start))?.[1] ?? 'amazonaws.com';
  return `ssmmessages.${region}.${suffix}`;
}

async function failureOf(attempt: Promise<void>): Promise<string | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof EcshError) return error.message;
    throw error;
  }
}
