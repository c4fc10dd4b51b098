import packageJson from '../package.json' with { type: 'json' };

/** Of this package, as published. */
export const VERSION: string = packageJson.version;
