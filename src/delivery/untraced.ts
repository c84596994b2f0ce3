import { ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';

/** What an exporter does in this context is traced by nobody, and has nothing to do with any chat turn. */
export const UNTRACED = suppressTracing(ROOT_CONTEXT);
