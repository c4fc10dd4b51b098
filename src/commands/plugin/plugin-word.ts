/** The word behind `ecsh` with which a `session-manager-plugin` of ours starts it. */
export const PLUGIN_WORD = '__session-manager-plugin';

/** The version reported to the AWS CLI, which warns below it. */
export const PLUGIN_VERSION = '1.2.764.0';
