/** The word behind `ecsh` with which a `session-manager-plugin` of ours starts it. */
export const PLUGIN_WORD = '__session-manager-plugin';

/** What the AWS CLI is told: its newest versions warn below this one. */
export const PLUGIN_VERSION = '1.2.764.0';
