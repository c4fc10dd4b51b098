// @ts-check
/* A long stream: memory, and whether a later megabyte costs more than an earlier one. */
import { absolute, compared } from '../result.js';
import { RECEIVER, streamed } from '../streaming.js';

const GIGABYTE = 1e9;

/** @param {import('../run.js').Surroundings} surroundings */
export async function run({ gateway, full }) {
  const gigabytes = full ? 10 : 1;
  const bytes = gigabytes * GIGABYTE;
  const long = await streamed(gateway, { kind: 'flood', bytes }, RECEIVER);
  const name = `the first ${gigabytes / 4} GB`;
  return [
    absolute(`memory: peak over ${gigabytes} GB`, {
      measured: long.memory,
      unit: 'MiB',
      most: 70,
      baseline: { name, value: long.quarterMemory },
    }),
    compared(`growth: CPU of ${gigabytes} GB for each GB`, {
      ours: [long.cpu / gigabytes],
      theirs: [long.quarterCpu / (gigabytes / 4)],
      name,
      unit: 'ms',
      most: 1.1,
    }),
  ];
}
