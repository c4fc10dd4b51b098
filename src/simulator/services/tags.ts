import { invalidParameter } from '#simulator/api/api-error.ts';
import type { ApiInput } from '#simulator/api/api-input.ts';
import type { FleetCluster } from '#simulator/fleet/fleet.ts';

type Tags = Readonly<Record<string, string>>;

/** ECS developer guide, "Tag restrictions". */
const MAX_TAGS = 50;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;

/** `tags` of a request. @throws ApiError `InvalidParameterException` */
export function tagsOf(input: ApiInput): Tags {
  const pairs = input.objects('tags').map(({ key, value }): [string, string] => {
    const [name, text] = [String(key ?? ''), String(value ?? '')];
    if (name === '' || name.length > LONGEST_KEY || text.length > LONGEST_VALUE) {
      throw invalidParameter('Tag keys have 1 to 128 characters, tag values at most 256.');
    }
    if (/^aws:/i.test(name)) throw invalidParameter('Tag keys must not start with "aws:".');
    return [name, text];
  });
  if (pairs.length > MAX_TAGS) throw invalidParameter('A resource has at most 50 tags.');
  return Object.fromEntries(pairs);
}

/** Formats tags like the API. */
export function showTags(tags: Tags): object[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** Tags that `enableECSManagedTags` adds to a standalone task. */
export function managedTags({ name }: FleetCluster): Tags {
  return { 'aws:ecs:clusterName': name };
}
