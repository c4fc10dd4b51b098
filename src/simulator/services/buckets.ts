import type { Fleet } from '#simulator/fleet/fleet.ts';
import type { FleetBucket } from '#simulator/fleet/fleet-account.ts';

/** The buckets of an account, including those created or changed while the simulator runs. */
export class Buckets {
  readonly #fleet: Fleet;
  /** Buckets created or changed while the simulator runs. */
  readonly #changed = new Map<string, FleetBucket>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  put(bucket: FleetBucket): void {
    this.#changed.set(bucket.name, bucket);
  }

  /** The fleet file's, and those that clusters name. */
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
