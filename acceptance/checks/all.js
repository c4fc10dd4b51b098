import { ANSWER_CHECKS } from './answers.js';
import { COMMAND_CHECKS } from './commands.js';
import { CONNECTION_CHECKS } from './connection.js';
import { FILE_CHECKS } from './files.js';
import { PLACE_CHECKS } from './place.js';
import { RECORD_CHECKS } from './records.js';
import { TASK_CHECKS } from './tasks.js';

/** @type {readonly import('../check.js').Check[]} */
export const CHECKS = [
  ...PLACE_CHECKS,
  ...COMMAND_CHECKS,
  ...FILE_CHECKS,
  ...CONNECTION_CHECKS,
  ...RECORD_CHECKS,
  ...ANSWER_CHECKS,
  ...TASK_CHECKS,
];
