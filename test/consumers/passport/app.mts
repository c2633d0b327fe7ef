import {
  BearerStrategy,
  type IBearerStrategyOption,
  type IBearerStrategyOptionWithRequest,
  type ITokenPayload,
  type VerifyBearerFunction,
  type VerifyBearerFunctionWithReq,
  type VerifyCallback,
} from '@entra-guard/passport';
import type { Request } from 'express';
import passport from 'passport';

const options: IBearerStrategyOption = {
  identityMetadata:
    'https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration',
  clientID: '00001111-aaaa-2222-bbbb-3333cccc4444',
};
const verify: VerifyBearerFunction = (token, done) => done(null, { id: token.oid }, token);
passport.use(new BearerStrategy(options, verify));
passport.use(
  'azure-ad',
  new BearerStrategy(options, (token: ITokenPayload, done: VerifyCallback) => done(null, token)),
);

const withRequest: IBearerStrategyOptionWithRequest = { ...options, passReqToCallback: true };
const verifyWithRequest: VerifyBearerFunctionWithReq = (req, token, done) =>
  done(null, { path: req.path, id: token.oid });
passport.use(new BearerStrategy(withRequest, verifyWithRequest));
passport.use(
  new BearerStrategy(withRequest, (req: Request, token: ITokenPayload, done: VerifyCallback) =>
    done(null, { req, token }),
  ),
);
passport.use(
  new BearerStrategy({ ...options, passReqToCallback: true }, (req, token, done) =>
    done(null, [req.ip, token.oid]),
  ),
);
passport.use(
  new BearerStrategy({ ...options, passReqToCallback: false }, (token, done) => done(null, token.oid)),
);

// @ts-expect-error a tenant needs a name
new BearerStrategy({ clientID: options.clientID }, verify);
