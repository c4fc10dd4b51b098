/** Where ECS places tasks, in the field names of the API: answers of DescribeServices, and fields of RunTask. */

/** An EBS volume that ECS creates for each task. */
export interface VolumeConfiguration {
  readonly name: string | undefined;
  readonly managedEBSVolume?:
    | {
        readonly roleArn: string | undefined;
        readonly encrypted?: boolean | undefined;
        readonly kmsKeyId?: string | undefined;
        readonly volumeType?: string | undefined;
        readonly sizeInGiB?: number | undefined;
        readonly snapshotId?: string | undefined;
        readonly volumeInitializationRate?: number | undefined;
        readonly iops?: number | undefined;
        readonly throughput?: number | undefined;
        readonly filesystemType?: 'ext3' | 'ext4' | 'ntfs' | 'xfs' | undefined;
        readonly tagSpecifications?: VolumeTags[] | undefined;
      }
    | undefined;
}

export interface VolumeTags {
  readonly resourceType: 'volume' | undefined;
  readonly tags?: { key?: string | undefined; value?: string | undefined }[] | undefined;
  readonly propagateTags?: 'NONE' | 'SERVICE' | 'TASK_DEFINITION' | undefined;
}

export interface PlacementConstraint {
  readonly type?: 'distinctInstance' | 'memberOf' | undefined;
  readonly expression?: string | undefined;
}

export interface PlacementStrategy {
  readonly type?: 'binpack' | 'random' | 'spread' | undefined;
  readonly field?: string | undefined;
}
