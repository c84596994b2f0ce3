/** The element `<chat-debug-tab>`: `base` is the path of the server, `chat` the chat, `run` the selected run. */
import { h, render } from 'preact';
import { DebugTabClient } from './client.js';
import { STYLES } from './styles.js';
import { TabModel } from './tab-model.js';
import { Tab } from './view/tab.js';

/**
 * Shows the recorded runs of a chat, or of all chats without `chat`. Renders nothing while the server reports
 * `isShown: false`. Dispatches `chat-debug-tab-state` with `{ isShown }` as detail when that changes, and
 * `chat-debug-tab-select` with `{ run }` when the user opens or closes a run.
 */
export class ChatDebugTab extends HTMLElement {
  static readonly observedAttributes = ['base', 'chat', 'run'];

  readonly #root = this.attachShadow({ mode: 'open' });
  #model: TabModel | undefined;
  #unsubscribe: (() => void) | undefined;
  #wasShown: boolean | undefined;
  #selected: string | undefined;

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    this.#root.adoptedStyleSheets = [sheet];
  }

  /** Whether there is anything to show. `undefined` until the server has responded. */
  get isShown(): boolean | undefined {
    return this.#model?.view.state?.isShown;
  }

  connectedCallback(): void {
    this.#begin();
  }

  disconnectedCallback(): void {
    this.#end();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || this.#model === undefined) return;
    if (name === 'run') {
      this.#selected = after ?? undefined;
      this.#model.select(this.#selected);
    } else {
      this.#end();
      this.#begin();
    }
  }

  #begin(): void {
    if (this.#model !== undefined || !this.isConnected) return;
    const chat = this.getAttribute('chat') ?? undefined;
    const model = new TabModel(new DebugTabClient(this.getAttribute('base') ?? '/debug/', chat));
    this.#model = model;
    this.#selected = this.getAttribute('run') ?? undefined;
    this.#unsubscribe = model.subscribe(() => this.#dispatchChanges(model));
    render(h(Tab, { model, hasAllChats: chat === undefined }), this.#root);
    model.start();
    model.select(this.#selected);
  }

  #end(): void {
    // A pending response would belong to the previous chat.
    this.#unsubscribe?.();
    this.#model?.stop();
    this.#model = undefined;
    this.#wasShown = undefined;
    render(null, this.#root);
  }

  #dispatchChanges({ view: { state, selectedId } }: TabModel): void {
    if (state !== undefined && state.isShown !== this.#wasShown) {
      this.#wasShown = state.isShown;
      const detail = { isShown: state.isShown };
      this.dispatchEvent(new CustomEvent('chat-debug-tab-state', { detail }));
    }
    if (selectedId !== this.#selected) {
      this.#selected = selectedId;
      this.dispatchEvent(new CustomEvent('chat-debug-tab-select', { detail: { run: selectedId } }));
    }
  }
}

if (customElements.get('chat-debug-tab') === undefined) customElements.define('chat-debug-tab', ChatDebugTab);
