/** The package version: the version of the instrumentation scope. */
export const VERSION = '0.1.0';
