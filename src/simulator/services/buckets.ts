import type { Fleet } from '#simulator/fleet/fleet.ts';
import type { FleetBucket } from '#simulator/fleet/fleet-account.ts';

/** The buckets of an account, including those created or changed while the simulator runs. */
export class Buckets {
  readonly #fleet: Fleet;
  /** Buckets created or changed while the simulator runs. */
  readonly #changed = new Map<string, FleetBucket>();
  /** Text by bucket and key. */
  readonly #objects = new Map<string, string>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  put(bucket: FleetBucket): void {
    this.#changed.set(bucket.name, bucket);
  }

  /** Stores an object under PREFIX/NAME, joined like in the agent; does nothing if the bucket does not exist. */
  putObject(
    bucket: { readonly name: string; readonly prefix: string },
    name: string,
    text: string,
  ) {
    if (this.find(bucket.name) === undefined) return;
    const key = [...bucket.prefix.split('/').filter((part) => part !== ''), name].join('/');
    this.#objects.set(`${bucket.name}/${key}`, text);
  }

  object(bucket: string, key: string): string | undefined {
    return this.#objects.get(`${bucket}/${key}`);
  }

  /** Finds a bucket of the fleet file, or one that a cluster names. */
  find(name: string): FleetBucket | undefined {
    const { buckets, clusters } = this.#fleet;
    const known = this.#changed.get(name) ?? buckets.find((bucket) => bucket.name === name);
    if (known !== undefined) return known.exists ? known : undefined;
    const isNamed = clusters.some(
      ({ logConfiguration }) => logConfiguration?.s3BucketName === name,
    );
    if (!isNamed) return undefined;
    return { name, region: undefined, account: undefined, encryption: 'AES256', exists: true };
  }
}
