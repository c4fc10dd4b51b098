/** The word after `ecsh` with which our `session-manager-plugin` starts it. */
export const PLUGIN_WORD = '__session-manager-plugin';

/** The version reported to the AWS CLI, which warns below it. */
export const PLUGIN_VERSION = '1.2.764.0';
