import { EcshError } from '#domain/errors/errors.ts';

/** Names in ECS have no dots (ECS API, CreateCluster and CreateService), so dots can separate them. */
const LABEL = /^[A-Za-z0-9_-]{1,255}$/;

/**
 * Converts a host name, `[CONTAINER.]NAME.CLUSTER` or `NAME` and the suffix of `ecsh ssh-config`, to a TARGET. It uses
 * dots because scp and rsync read `prod/web:file` as a local path.
 *
 * @throws EcshError `target-invalid`
 */
export function targetOfHost(host: string, suffix: string): string {
  const name = host.endsWith(suffix) ? host.slice(0, host.length - suffix.length) : host;
  const labels = name.split('.');
  if (labels.length > 3 || !labels.every((label) => LABEL.test(label))) throw invalid(host, suffix);
  const [cluster, service, container] = labels.toReversed();
  if (service === undefined) return name;
  return `${cluster}/${service}${container === undefined ? '' : `@${container}`}`;
}

/**
 * The user to run commands as; undefined: the user of the container. ssh always sends a name, and the `Host` block of
 * `ecsh ssh-config` sets `User root` so that it is not the local one.
 */
export function remoteUser(name: string): string | undefined {
  return name === 'root' || name === '' ? undefined : name;
}

/**
 * Rewrites the hint of an error for ssh, where the container is part of the host name instead of an option.
 */
export function hintForSsh({ code, hint }: EcshError, host: string, suffix: string) {
  if (code !== 'container-ambiguous' && code !== 'container-not-found') return hint;
  const name = host.endsWith(suffix) ? host.slice(0, host.length - suffix.length) : host;
  const [, container = 'CONTAINER'] = /for example: -c (\S+)$/.exec(hint ?? '') ?? [];
  const owner = name.split('.').slice(-2).join('.');
  const found = hint?.replace(/ ?Choose one with -c.*$/, '') ?? '';
  const command = `ssh ${container}.${owner}${suffix}`;
  return `${found === '' ? '' : `${found} `}Name the container first:  ${command}`;
}

function invalid(host: string, suffix: string): EcshError {
  return new EcshError('target-invalid', `"${host}" names no container.`, {
    hint: `Write NAME.CLUSTER${suffix} or CONTAINER.NAME.CLUSTER${suffix}; NAME is a service or a task id.`,
  });
}
