import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Listing } from './listing.ts';

/** Reports that nothing was found, and where to look instead. */
export function nothingFound(listing: Listing): EcshError {
  const { kind, place, status } = listing;
  const cluster = place.cluster === undefined ? undefined : nameInArn(place.cluster);
  const what = [status === 'all' ? undefined : status, kind].filter(isText).join(' ');
  const where = cluster === undefined ? 'in this account and region' : `in cluster ${cluster}`;
  const filters = filtersOf(listing);
  const message = `There are no ${what} ${where}${filters === '' ? '' : ` (${filters})`}.`;
  const hint = hintOf(listing, cluster, filters !== '');
  return new EcshError('nothing-found', message, { exitCode: 1, hint });
}

/** A command that shows more than the one that showed nothing. */
function hintOf({ kind, status, flags }: Listing, cluster: string | undefined, isNarrow: boolean) {
  if (kind === 'clusters') return 'Check --region and --profile.';
  if (cluster === undefined) return `See what there is:  ${ecshCommand(['ls', 'clusters'], flags)}`;
  if (kind === 'services' && !isNarrow) {
    return `There may be tasks of no service:  ${ecshCommand(['ls', 'tasks', cluster], flags)}`;
  }
  if (kind === 'services' || status !== undefined) {
    return `See what there is:  ${ecshCommand(['ls', 'services', cluster], flags)}`;
  }
  const command = ecshCommand(['ls', 'tasks', cluster, '--status', 'stopped'], flags);
  return `Look at the stopped ones:  ${command}`;
}

function filtersOf({ service, family, container, tags }: Listing): string {
  return [
    service === undefined ? undefined : `service ${service}`,
    family === undefined ? undefined : `family ${family}`,
    container === undefined ? undefined : `container ${container}`,
    ...tags.map(({ key, value }) => `tag ${key}${value === undefined ? '' : `=${value}`}`),
  ]
    .filter(isText)
    .join(', ');
}

function isText(text: string | undefined): text is string {
  return text !== undefined;
}
