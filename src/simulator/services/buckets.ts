import type { Fleet } from '#simulator/fleet/fleet.ts';
import type { FleetBucket } from '#simulator/fleet/fleet-account.ts';

/** The buckets of an account, and what was made of them since. */
export class Buckets {
  readonly #fleet: Fleet;
  /** Made or changed since. */
  readonly #changed = new Map<string, FleetBucket>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  put(bucket: FleetBucket): void {
    this.#changed.set(bucket.name, bucket);
  }

  /** Those of the fleet file, and those that clusters name. */
  find(name: string): FleetBucket | undefined {
    const { buckets, clusters } = this.#fleet;
    const known = this.#changed.get(name) ?? buckets.find((bucket) => bucket.name === name);
    if (known !== undefined) return known.exists ? known : undefined;
    const isNamed = clusters.some(
      ({ logConfiguration }) => logConfiguration?.s3BucketName === name,
    );
    return isNamed ? { name, region: undefined, encryption: 'AES256', exists: true } : undefined;
  }
}
