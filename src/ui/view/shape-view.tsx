import type { RequestShape, ShapeMessage } from '../model/request-shape.js';
import { Facts, Paged } from './parts.js';

export function ShapeView({ shape }: { readonly shape: RequestShape }) {
  const { unread, facts, messages, flaws } = shape;
  return (
    <>
      {unread !== undefined && <p>The request could not be read: {unread}.</p>}
      <Facts facts={facts} />
      {flaws.length > 0 && (
        <ul aria-label="What may be wrong">
          {flaws.map(({ flaw, messages: at }) => (
            <li key={flaw} class="flaw">
              {flaw}
              {at.length > 0 && `: message ${at.join(', ')}`}
            </li>
          ))}
        </ul>
      )}
      <h4>Messages, without their content</h4>
      <Paged
        items={messages}
        what="messages"
        item={(message) => <Row key={message.index} message={message} />}
      />
      <p class="quiet">Sizes are in characters. A call and its result have the same number.</p>
    </>
  );
}

function Row({ message: { index, role, parts } }: { readonly message: ShapeMessage }) {
  return (
    <p>
      <span class="quiet">{index}</span> <span class="role">{role}</span>{' '}
      {parts.map(({ text, flaws }, at) => (
        <span key={`${at}`}>
          {at > 0 && ', '}
          {text}
          {flaws !== undefined && (
            <>
              {' '}
              <mark class="flaw">{flaws}</mark>
            </>
          )}
        </span>
      ))}
    </p>
  );
}
