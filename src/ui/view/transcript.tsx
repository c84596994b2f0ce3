import type { Message, Part } from '../model/messages.js';
import { className, LongText, Paged } from './parts.js';

export function Transcript({ messages }: { readonly messages: readonly Message[] }) {
  return (
    <Paged
      items={messages}
      what="messages"
      item={(message, index) => <MessageView key={`${index}`} message={message} />}
    />
  );
}

export function MessageView({ message }: { readonly message: Message }) {
  const { role, parts, finishReason } = message;
  return (
    <div class={`message ${className(role)}`}>
      <p>
        <span class="role">{role}</span>
        {finishReason !== undefined && <span class="quiet"> · finish reason {finishReason}</span>}
      </p>
      {parts.length === 0 && <p class="quiet">The message is empty.</p>}
      <Paged items={parts} what="parts" item={(part, at) => <PartView key={`${at}`} part={part} />} />
    </div>
  );
}

function PartView({ part: { type, title, content, absent } }: { readonly part: Part }) {
  return (
    <div class="part">
      {type !== 'text' && <p class="quiet">{title}</p>}
      {content !== '' && <LongText text={content} />}
      {content === '' && absent === undefined && <p class="quiet">The {type} is empty.</p>}
      {absent !== undefined && <p class="quiet">{absent}</p>}
    </div>
  );
}
