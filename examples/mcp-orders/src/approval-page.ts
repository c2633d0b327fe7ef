import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anonymous, type ExpressGuard } from '@entra-guard/express';
import express, { type Response, type Router } from 'express';

/** How the page signs in who approves. */
export interface PageOptions {
  /** The client ID of the page's own registration, a single-page application with the redirect URI `{origin}/approvals`. */
  readonly clientId: string;
  /** The authority of the tenant: `https://login.microsoftonline.com/{tenant}`. */
  readonly authority: string;
  /** The full name of the scope that approves: `{application ID URI}/Approvals.Decide`. */
  readonly scope: string;
  /** Further options of `auth` of MSAL Browser, such as `knownAuthorities`. Default none. */
  readonly auth?: object;
  /** The origin that the page talks to in order to sign in. Default: that of the authority. */
  readonly connectTo?: string;
}

const folder = fileURLToPath(new URL('../public/', import.meta.url));
const msal = join(
  dirname(fileURLToPath(import.meta.resolve('@azure/msal-browser'))),
  '../lib/msal-browser.min.js',
);

/** Serves the page on which people approve, with scripts of this origin alone. */
export function approvalPage(guard: ExpressGuard, options: PageOptions): Router {
  const { clientId, authority, scope, auth, connectTo = new URL(authority).origin } = options;
  const router = express.Router();
  const open = guard.require(anonymous().because('the page on which people approve holds no data'));
  const connect = `connect-src 'self' ${connectTo}`;
  const secured = (response: Response): Response =>
    response.set({
      'Content-Security-Policy': `default-src 'none'; script-src 'self'; style-src 'self'; ${connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    });
  const file = (name: string) => (_request: unknown, response: Response) => {
    // Package managers keep packages below folders whose names begin with a dot.
    secured(response).sendFile(name, { dotfiles: 'allow' });
  };
  router.get(['/approvals', '/approvals/:id'], open, file(join(folder, 'approve.html')));
  router.get('/approve.js', open, file(join(folder, 'approve.js')));
  router.get('/approve.css', open, file(join(folder, 'approve.css')));
  router.get('/msal-browser.js', open, file(msal));
  router.get('/approve.json', open, (request, response) => {
    const redirectUri = `${request.protocol}://${request.get('host')}/approvals`;
    secured(response).json({ auth: { ...auth, clientId, authority, redirectUri }, scope });
  });
  return router;
}
