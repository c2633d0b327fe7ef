import type { Call } from '../endpoints/call.js';
import type { Route } from '../endpoints/route.js';
import { adminConsent } from './admin-consent.js';
import { authorizeOnPages } from './authorize.js';
import { Browsers } from './browsers.js';
import { deviceCodePosted, devicePage } from './device.js';
import { Interactions } from './interactions.js';
import { logout } from './logout.js';
import { posted } from './proceed.js';
import { type PageState, type Visit, visited } from './visit.js';

/** Lists the addresses of the pages. They stand before those of the endpoints, and take the place of some. */
export function pageRoutes(): readonly Route[] {
  const state: PageState = { browsers: new Browsers(), interactions: new Interactions() };
  const on = (answer: (visit: Visit) => Response | Promise<Response>) => (call: Call) =>
    visited(state, call, answer);
  return [
    {
      what: 'authorize',
      path: /^\/([^/]+)\/oauth2\/(?:v2\.0\/)?authorize$/,
      methods: ['GET'],
      answer: on(authorizeOnPages),
    },
    { what: 'other', path: /^\/(common)\/login$/, methods: ['POST'], answer: on(posted) },
    {
      what: 'other',
      path: /^\/([^/]+)\/(?:v2\.0\/)?adminconsent$/,
      methods: ['GET'],
      answer: on(adminConsent),
    },
    {
      what: 'other',
      path: /^\/([^/]+)\/oauth2\/(?:v2\.0\/)?deviceauth$/,
      methods: ['GET', 'POST'],
      answer: on((visit) => (visit.request.method === 'POST' ? deviceCodePosted(visit) : devicePage(visit))),
    },
    {
      what: 'other',
      path: /^\/([^/]+)\/oauth2\/(?:v2\.0\/)?logout$/,
      methods: ['GET'],
      answer: on(logout),
    },
  ];
}
