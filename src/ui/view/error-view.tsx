import type { CardError, Fields } from '../../debug-tab/contract.js';
import * as names from '../../semconv.js';
import { number, text } from '../model/attributes.js';
import { duration } from '../model/words.js';
import { Badge, Facts, Fold, LongText } from './parts.js';

interface ErrorViewProps {
  readonly attributes: Fields;
  /** The error of the card, used before the span is available. */
  readonly fallback?: CardError | undefined;
  readonly isFailed: boolean;
  readonly isBrief?: boolean;
  readonly exception?: Fields | undefined;
}

export function ErrorView({ attributes, fallback, isFailed, isBrief = false, exception }: ErrorViewProps) {
  const kind = text(attributes, names.ATTR_CHATDEBUG_ERROR_KIND) ?? fallback?.kind;
  if (kind === undefined) return null;
  const message = text(attributes, names.ATTR_CHATDEBUG_ERROR_MESSAGE) ?? fallback?.message;
  const detail = text(attributes, names.ATTR_CHATDEBUG_ERROR_DETAIL) ?? fallback?.detail;
  const status = number(attributes, names.ATTR_CHATDEBUG_ERROR_PROVIDER_STATUS) ?? fallback?.providerStatus;
  const retryAfter = number(attributes, names.ATTR_CHATDEBUG_ERROR_RETRY_AFTER_MS);
  const represents = number(attributes, names.ATTR_CHATDEBUG_KEPT_REPRESENTS) ?? 1;
  return (
    <div class="failure">
      <p class="line">
        <Badge status="error" word={kind} />
        <span>{message}</span>
      </p>
      {!isFailed && (
        <p class="quiet">It did not fail itself. It is kept because of this error in one of its steps.</p>
      )}
      {isBrief ? (
        <p>{detail}</p>
      ) : (
        <Facts
          facts={[
            ['detail', detail],
            ['type', text(attributes, names.ATTR_ERROR_TYPE) ?? fallback?.type],
            ['HTTP status', status === undefined ? undefined : String(status)],
            ['request id', text(attributes, names.ATTR_CHATDEBUG_ERROR_REQUEST_ID) ?? fallback?.requestId],
            [
              'trying again',
              retryText(attributes[names.ATTR_CHATDEBUG_ERROR_RETRYABLE] ?? fallback?.retryable),
            ],
            ['the provider asked to wait', retryAfter === undefined ? undefined : duration(retryAfter)],
            ['exception', text(attributes, names.ATTR_CHATDEBUG_ERROR_EXCEPTION_TYPE)],
            ['fingerprint', text(attributes, names.ATTR_CHATDEBUG_ERROR_FINGERPRINT)],
            ['stands for', represents > 1 ? `${represents} runs that failed alike` : undefined],
          ]}
        />
      )}
      {exception !== undefined && <Exception attributes={exception} />}
    </div>
  );
}

function retryText(retryable: unknown): string | undefined {
  if (typeof retryable !== 'boolean') return undefined;
  return retryable ? 'may help' : 'does not help';
}

function Exception({ attributes }: { readonly attributes: Fields }) {
  const type = text(attributes, names.ATTR_EXCEPTION_TYPE);
  const message = text(attributes, names.ATTR_EXCEPTION_MESSAGE);
  const stack = text(attributes, names.ATTR_EXCEPTION_STACKTRACE);
  return (
    <Fold title={`Exception ${type ?? ''}`}>
      {() => (
        <>
          <LongText text={message ?? ''} />
          <LongText text={stack ?? 'No stack is recorded.'} />
        </>
      )}
    </Fold>
  );
}
