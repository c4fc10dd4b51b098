import type { DoctorCheck } from '#doctor/check-model.ts';
import { CALLER_CHECKS } from './caller-checks.ts';
import { CLUSTER_CHECKS } from './cluster-checks.ts';
import { CONTAINER_SETTING_CHECKS } from './container-checks.ts';
import { DESTINATION_CHECKS } from './destination-checks.ts';
import { ENDPOINT_CHECKS } from './endpoint-checks.ts';
import { ENVIRONMENT_CHECKS } from './environment-checks.ts';
import { IMAGE_CHECKS } from './image-checks.ts';
import { INSTANCE_CHECKS } from './instance-checks.ts';
import { LIMIT_CHECKS } from './limit-checks.ts';
import { LOCAL_CHECKS } from './local-checks.ts';
import { REACHABILITY_CHECKS } from './reachability-checks.ts';
import { ROLE_CAUSE_CHECKS } from './role-cause-checks.ts';
import { ROLE_CHECK } from './role-check.ts';
import { SERVICE_CHECKS } from './service-checks.ts';
import { SESSION_CHECKS } from './session-checks.ts';
import { SUBNET_CHECKS } from './subnet-checks.ts';
import { TASK_ROLE_CHECKS } from './task-role-checks.ts';

/** The checks beyond DescribeTasks, in the order of the report. A check sees the results before it. */
export const DOCTOR_CHECKS: readonly DoctorCheck[] = [
  ...CONTAINER_SETTING_CHECKS,
  ROLE_CHECK,
  ...ENVIRONMENT_CHECKS,
  ...LIMIT_CHECKS,
  ...INSTANCE_CHECKS,
  ...IMAGE_CHECKS,
  ...CLUSTER_CHECKS,
  ...SERVICE_CHECKS,
  ...CALLER_CHECKS,
  ...TASK_ROLE_CHECKS,
  ...ROLE_CAUSE_CHECKS,
  ...SUBNET_CHECKS,
  ...ENDPOINT_CHECKS,
  ...REACHABILITY_CHECKS,
  ...DESTINATION_CHECKS,
  ...SESSION_CHECKS,
  ...LOCAL_CHECKS,
];
