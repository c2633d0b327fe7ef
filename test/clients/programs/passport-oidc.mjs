// A web application with the OIDCStrategy of passport-azure-ad, which needs a trusted certificate at the start.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import express from 'express4';
import passport from 'passport';
import { OIDCStrategy } from 'passport-azure-ad';
import { answer } from './answer.mjs';

/** Parses cookies, which the strategy keeps its state in when it has no session. */
function cookies(req, _res, next) {
  const pairs = (req.headers.cookie ?? '').split('; ').map((pair) => pair.split('='));
  req.cookies = Object.fromEntries(pairs.map(([name, value]) => [name, decodeURIComponent(value ?? '')]));
  next();
}

answer(
  async ({ authority, clientId, clientSecret, scope, responseType, responseMode }) => {
    const app = express();
    const server = createServer(app);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://localhost:${server.address().port}`;
    passport.use(
      new OIDCStrategy(
        {
          identityMetadata: `${authority}/.well-known/openid-configuration`,
          clientID: clientId,
          clientSecret,
          responseType,
          responseMode,
          redirectUrl: `${address}/signed-in`,
          allowHttpForRedirectUrl: true,
          useCookieInsteadOfSession: true,
          cookieEncryptionKeys: [
            { key: randomBytes(16).toString('hex'), iv: randomBytes(6).toString('hex') },
          ],
          scope: ['profile', 'offline_access', ...(scope === undefined ? [] : [scope])],
          loggingLevel: 'error',
          loggingNoPII: true,
        },
        (_iss, _sub, profile, accessToken, refreshToken, done) =>
          done(null, {
            name: profile.displayName,
            oid: profile.oid,
            accessToken,
            refreshed: refreshToken !== null,
          }),
      ),
    );
    app.use(cookies, express.urlencoded({ extended: false }), passport.initialize());
    const authenticate = (req, res, next) =>
      passport.authenticate('azuread-openidconnect', { session: false, response: res })(req, res, next);
    app.get('/', authenticate);
    app.use('/signed-in', authenticate, (req, res) => res.json(req.user));
    return address;
  },
  { stays: true },
);
