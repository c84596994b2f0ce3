import * as Sentry from '@sentry/node';

const { host } = new URL(process.env.APPLICATION_URL);
Sentry.init({ dsn: `http://public@${host}/1`, tracesSampleRate: 1 });

globalThis.inSpan = (act) => Sentry.startSpan({ name: 'POST /chat', op: 'http.server' }, act);
globalThis.stopApplication = () => Sentry.close();
