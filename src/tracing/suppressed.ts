import { context, createContextKey } from '@opentelemetry/api';

/** The key under which OpenTelemetry's SDK marks its exporters' own work; the text is all that names it. */
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** An exporter, of the application's or ours, is sending from this context. */
export function tracingIsSuppressed(): boolean {
  return context.active().getValue(SUPPRESSED) === true;
}
