/**
 * Scale-in protection of a task (ECS API, GetTaskProtection and UpdateTaskProtection): while it lasts, neither
 * scale-in nor a deployment stops the task. Only tasks of services can have it.
 */
export interface TaskProtectionApi {
  /** When the protection of the task ends; undefined if it has none. */
  protectedUntil(cluster: string, task: string): Promise<Date | undefined>;
  /**
   * @param minutes 1 to 2880
   * @returns when the protection ends
   * @throws EcshError `protection-refused`, with the reason of ECS
   */
  protect(cluster: string, task: string, minutes: number): Promise<Date>;
  unprotect(cluster: string, task: string): Promise<void>;
}
