/** A log record in OTLP's JSON encoding, with the name of its scope. */
interface Received {
  readonly scope: { readonly name: string; readonly version: string };
  readonly schemaUrl: string | undefined;
  readonly eventName: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly timeUnixNano: string;
  readonly body: unknown;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
}

interface LogsJson {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly (Pick<Received, 'scope' | 'schemaUrl'> & {
      readonly logRecords: readonly Omit<Received, 'scope' | 'schemaUrl'>[];
    })[];
  }[];
}

/** The log records of one OTLP request in JSON. */
export function recordsIn(json: string) {
  const { resourceLogs }: LogsJson = JSON.parse(json);
  return resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ scope, schemaUrl, logRecords }) =>
      logRecords.map(({ attributes, ...record }) => ({
        ...record,
        ...{ scope, schemaUrl },
        attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue])),
      })),
    ),
  );
}
