import type { DoctorCheck } from './check-model.ts';

/** Checks 17 and on, in the order of READINESS 1: a check sees the results before it. */
export const DOCTOR_CHECKS: readonly DoctorCheck[] = [];
