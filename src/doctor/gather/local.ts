import type { LocalEvidence } from '#doctor/evidence.ts';
import { chain, known, notAsked } from '#doctor/finding.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { LocalApi } from '#domain/ports/doctor-ports.ts';
import type { Inquiry } from './inquiry.ts';

/** The domain of AWS host names by region prefix; all other regions use amazonaws.com. */
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
  const version = (program: string) => ask(program, () => local.programVersion(program));
  const [clockSkew, channelHost, awsCli, sessionPlugin] = await Promise.all([
    ask('sts:GetCallerIdentity', () => local.clockSkew()),
    chain(region, async (name) => {
      const url = await ask('the configuration', () => local.channelUrl(channelUrlIn(name)));
      return chain(url, (channel) => reachChannel(local, channel));
    }),
    version('aws'),
    version('session-manager-plugin'),
  ]);
  return {
    region,
    clockSkew,
    channelHost,
    nodeVersion: known(local.nodeVersion()),
    isTerminal: known(isTerminal),
    awsCli,
    sessionPlugin,
  };
}

/** The URL of the data channel in the region. */
function channelUrlIn(region: string): string {
  const suffix = DNS_SUFFIXES.find(([start]) => region.startsWith(start))?.[1] ?? 'amazonaws.com';
  return `wss://ssmmessages.${region}.${suffix}`;
}

async function reachChannel(
  local: LocalApi,
  url: string | undefined,
): Promise<LocalEvidence['channelHost']> {
  if (url === undefined) return notAsked('An endpoint of your own says where data channels go.');
  const { hostname, port: named } = new URL(url);
  const port = named === '' ? HTTPS : Number(named);
  // Not through ask(), because it has its own time limit, and a timeout is a result here.
  const error = await failureOf(local.reach(hostname, port));
  return known({ host: `${hostname}:${port}`, error });
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
