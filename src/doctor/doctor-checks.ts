import type { DoctorCheck } from './check-model.ts';
import { CLUSTER_CHECKS } from './cluster-checks.ts';
import { CONTAINER_CHECKS, LIMIT_CHECKS } from './container-checks.ts';
import { ENVIRONMENT_CHECKS } from './environment-checks.ts';
import { IMAGE_CHECKS } from './image-checks.ts';
import { INSTANCE_CHECKS } from './instance-checks.ts';
import { ROLE_CHECK } from './role-check.ts';
import { SERVICE_CHECKS } from './service-checks.ts';

/** Checks 17 and on, in the order of READINESS 1: a check sees the results before it. */
export const DOCTOR_CHECKS: readonly DoctorCheck[] = [
  ...CONTAINER_CHECKS,
  ROLE_CHECK,
  ...ENVIRONMENT_CHECKS,
  ...LIMIT_CHECKS,
  ...INSTANCE_CHECKS,
  ...IMAGE_CHECKS,
  ...CLUSTER_CHECKS,
  ...SERVICE_CHECKS,
];
