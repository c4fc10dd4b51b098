import type { AwsSettings } from '#commands/app.ts';

/** The name of the command that ends sessions of an ecsh that was killed. */
export const END_SESSIONS = '__end-sessions';

type Settings = Omit<AwsSettings, 'noInput'>;

/** The arguments that call this command with the same settings; ids of sessions are appended. */
export function endSessionsWords(settings: Settings): readonly string[] {
  return [END_SESSIONS, ...flagsOf(settings), '--'];
}

/** The same, for a watcher that reads session ids on stdin and ends the open ones when stdin ends. */
export function watchSessionsWords(settings: Settings): readonly string[] {
  return [END_SESSIONS, ...flagsOf(settings), '--watch'];
}

function flagsOf({
  region,
  profile,
  endpointUrl,
  ssmEndpointUrl = endpointUrl,
}: Settings): readonly string[] {
  const flags = { '--region': region, '--profile': profile, '--endpoint-url': ssmEndpointUrl };
  return Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`${flag}=${value}`],
  );
}
