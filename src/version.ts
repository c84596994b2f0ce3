/** The package's version, as the spans' instrumentation scope shows it. */
export const VERSION = '0.1.0';
