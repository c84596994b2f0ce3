import type { Attributes, Histogram, Meter, ObservableCallback, ObservableResult } from '@opentelemetry/api';
import type { DeliveryStats, LossReason } from '../delivery/stats.js';
import type { DeliveryObserver, ExporterComponent, ExportOutcome } from '../delivery/transport.js';
import * as semconv from '../semconv.js';
import { Counts, type KnownWords } from './known-words.js';

/** An asynchronous instrument. */
export type ObservableInstrument = readonly [
  kind: 'Counter' | 'UpDownCounter',
  name: string,
  unit: string,
  description: string,
  look: ObservableCallback,
];

/** The delivery counts at collection. */
export interface ObservedDelivery {
  readonly delivery: DeliveryStats;
  /** `undefined` before the first span, and with the application's pipeline. */
  readonly exporter: ExporterComponent | undefined;
  readonly queueCapacity: number;
}

/** The component type. The conventions have no name for this processor. */
const PROCESSOR = componentAttributes('SpanDelivery');

/**
 * Metrics of the private pipeline (SDK metrics conventions). Each try counts as an export, since the processor
 * retries, not the exporter.
 */
export class DeliveryMetrics implements DeliveryObserver {
  readonly #processed = new Counts();
  readonly #exported = new Counts();
  readonly #duration: Histogram;

  constructor(
    meter: Meter,
    private readonly observed: () => ObservedDelivery,
    private readonly errorTypes: KnownWords,
  ) {
    this.#duration = meter.createHistogram(semconv.METRIC_OTEL_SDK_EXPORTER_OPERATION_DURATION, {
      description: 'Duration of exports',
      unit: 's',
      // No buckets, as the conventions recommend.
      advice: { explicitBucketBoundaries: [] },
    });
  }

  processed(spans: number, loss?: LossReason): void {
    const errorType = loss === 'after_shutdown' ? 'already_shutdown' : loss;
    this.#processed.add({ ...PROCESSOR, [semconv.ATTR_ERROR_TYPE]: errorType }, spans);
  }

  exported(spans: number, outcome: ExportOutcome, millis: number): void {
    const { exporter } = this.observed();
    if (exporter === undefined) return;
    const component = exporterAttributes(exporter);
    const accepted = outcome.kind === 'accepted' ? Math.max(0, spans - outcome.rejected) : 0;
    if (accepted > 0) this.#exported.add(component, accepted);
    if (accepted === spans) {
      this.#duration.record(millis / 1_000, component);
      return;
    }
    const errorType = outcome.kind === 'accepted' ? 'rejected' : this.errorTypes.limited(outcome.errorType);
    const failed = { ...component, [semconv.ATTR_ERROR_TYPE]: errorType };
    this.#exported.add(failed, spans - accepted);
    const status = outcome.kind === 'accepted' ? undefined : outcome.status;
    const answered = status === undefined ? {} : { [semconv.ATTR_HTTP_RESPONSE_STATUS_CODE]: status };
    this.#duration.record(millis / 1_000, { ...failed, ...answered });
  }

  get observableInstruments(): readonly ObservableInstrument[] {
    return [
      [
        'UpDownCounter',
        semconv.METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_SIZE,
        '{span}',
        'Spans waiting to be exported',
        this.#look(({ delivery }) => [delivery.queued, PROCESSOR]),
      ],
      [
        'UpDownCounter',
        semconv.METRIC_OTEL_SDK_PROCESSOR_SPAN_QUEUE_CAPACITY,
        '{span}',
        'Maximum number of spans in the queue',
        this.#look(({ queueCapacity }) => [queueCapacity, PROCESSOR]),
      ],
      [
        'Counter',
        semconv.METRIC_OTEL_SDK_PROCESSOR_SPAN_PROCESSED,
        '{span}',
        'Spans passed to the exporter, or lost before',
        this.#processed.observe,
      ],
      [
        'UpDownCounter',
        semconv.METRIC_OTEL_SDK_EXPORTER_SPAN_INFLIGHT,
        '{span}',
        'Spans in the current export',
        this.#look(({ delivery }, exporter) => [delivery.inFlight, exporterAttributes(exporter)]),
      ],
      [
        'Counter',
        semconv.METRIC_OTEL_SDK_EXPORTER_SPAN_EXPORTED,
        '{span}',
        'Spans whose export has ended, once for each attempt',
        this.#exported.observe,
      ],
    ];
  }

  #look(of: (observed: ObservedDelivery, exporter: ExporterComponent) => [number, Attributes]) {
    return (result: ObservableResult): void => {
      const observed = this.observed();
      if (observed.exporter !== undefined) result.observe(...of(observed, observed.exporter));
    };
  }
}

function exporterAttributes({ type, address, port }: ExporterComponent) {
  return {
    ...componentAttributes(type),
    ...(address !== undefined && { [semconv.ATTR_SERVER_ADDRESS]: address }),
    ...(port !== undefined && { [semconv.ATTR_SERVER_PORT]: port }),
  };
}

/** The name distinguishes it from components of the application's pipeline. */
function componentAttributes(type: string) {
  return {
    [semconv.ATTR_OTEL_COMPONENT_TYPE]: type,
    [semconv.ATTR_OTEL_COMPONENT_NAME]: `${type}/chatdebug`,
  };
}
