require('@opentelemetry/api');
