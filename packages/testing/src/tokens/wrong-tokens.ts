import { randomBytes } from 'node:crypto';
import { graphClientId } from '../directory/apps.js';
import { guidOf } from '../directory/guid.js';
import { tenantIdOf } from '../directory/tenants.js';
import { strangerKey } from '../keys/signing-key.js';
import type { AppClaims, IssuedToken, TokenPayload, UserClaims } from './claims.js';
import { idTokenClaims } from './id-token.js';
import { encode, headerOf, issued, signToken, type TokenHeader } from './jwt.js';
import { secondsNow } from './token-envelope.js';
import type { TokenMaker, TokenSources } from './token-maker.js';

/** Makes one wrong token. `claims` changes its other claims. */
export type MakeWrong = (claims?: UserClaims) => IssuedToken;

/** Wrong tokens by their fault. Each is a valid token of the user `ada` but for this one fault. */
export interface WrongTokens {
  /** Expired an hour ago. */
  readonly expired: MakeWrong;
  /** Becomes valid in an hour. */
  readonly notYetValid: MakeWrong;
  /** Never expires: no `exp`. */
  readonly noExpiry: MakeWrong;
  /** Its audience is another API. */
  readonly audience: MakeWrong;
  /** Its audience is Microsoft Graph. The header has the `nonce` that Graph's tokens have. */
  readonly graphAudience: MakeWrong;
  /** From another tenant: `iss` and `tid` are that tenant's, and the signature is valid. */
  readonly tenant: MakeWrong;
  /** `iss` is the accepted tenant's, `tid` another tenant's. */
  readonly tenantMismatch: MakeWrong;
  /** From an issuer that is not Entra. */
  readonly issuer: MakeWrong;
  /** Signed with an unpublished key. `kid` is the ID of a published key. */
  readonly stranger: MakeWrong;
  /** Signed with an unpublished key. `kid` is the ID of that key. */
  readonly unknownKid: MakeWrong;
  /** One bit of the signature is flipped. */
  readonly signature: MakeWrong;
  /** Not signed: `alg` is `none`. */
  readonly algNone: MakeWrong;
  /** Signed with the public key as a shared secret: `alg` is `HS256`. */
  readonly algHs256: MakeWrong;
  /** The header names no key. */
  readonly noKid: MakeWrong;
  /** `crit` in the header demands an unknown extension (RFC 7515, section 4.1.11). */
  readonly unknownCrit: MakeWrong;
  /** An ID token whose audience is the API itself: no authorized party, no scope. */
  readonly idToken: MakeWrong;
  /** Bound to a key with `cnf`: its sender would have to prove possession (RFC 7800). */
  readonly keyBound: MakeWrong;
  /** Encrypted: five parts. */
  readonly fivePart: MakeWrong;
  /** Not a JWT. */
  readonly notAJwt: MakeWrong;
  /** More than 16 KiB. */
  readonly tooLarge: MakeWrong;
  /** A valid app-only token without a role, which every app of the tenant can get. It grants nothing. */
  readonly withoutPermissions: (claims?: AppClaims) => IssuedToken;
  /** All wrong tokens with their names, for `it.each(entra.wrong.all)`. */
  readonly all: readonly (readonly [name: WrongTokenName, make: () => IssuedToken])[];
}

export type WrongTokenName = Exclude<keyof WrongTokens, 'all'>;

const hour = 3600;
const someoneElse = 'another-tenant';

export function wrongTokens(maker: TokenMaker, sources: TokenSources): WrongTokens {
  const payload = (claims: UserClaims) =>
    onlyForApps(sources, claims) ? maker.appPayload('daemon', claims) : maker.userPayload('ada', claims);
  const otherTenant = tenantIdOf(someoneElse);

  /** Makes a token with a fault in the claims. The signature is valid. */
  const claimed =
    (fault: (valid: TokenPayload, now: number) => TokenPayload, header?: TokenHeader): MakeWrong =>
    (claims = {}) => {
      const valid = payload(claims);
      return maker.sign({ ...valid, ...fault(valid, secondsNow(sources)) }, header);
    };
  /** Makes a token with a fault in the header or the signature. The claims are valid. */
  const signed =
    (sign: (valid: TokenPayload, header: TokenHeader) => IssuedToken): MakeWrong =>
    (claims = {}) => {
      const valid = payload(claims);
      return sign(valid, headerOf(sources.keys.current, valid));
    };

  const faults: Record<WrongTokenName, MakeWrong> = {
    expired: claimed((_, now) => ({ iat: now - 2 * hour, nbf: now - 2 * hour, exp: now - hour })),
    notYetValid: claimed((_, now) => ({ nbf: now + hour, exp: now + 2 * hour })),
    noExpiry: claimed(() => ({ exp: undefined })),
    audience: claimed((valid) => ({
      aud: valid.ver === '1.0' ? 'api://another-api' : guidOf('client', 'another-api'),
    })),
    graphAudience: claimed(() => ({ aud: graphClientId }), { nonce: randomBytes(32).toString('base64url') }),
    tenant: (claims = {}) => {
      const { authority } = sources;
      const valid = payload(claims);
      const iss = valid.ver === '1.0' ? authority.v1Issuer(otherTenant) : authority.v2Issuer(otherTenant);
      return maker.sign({ ...valid, iss, tid: otherTenant });
    },
    tenantMismatch: claimed(() => ({ tid: otherTenant })),
    issuer: claimed((valid) => ({ iss: `https://evil.example/${valid.tid}/v2.0` })),
    stranger: signed((valid, header) => signToken(valid, header, strangerKey())),
    unknownKid: signed((valid, header) => {
      const { kid } = strangerKey();
      return signToken(
        valid,
        'x5t' in header ? { ...header, kid, x5t: kid } : { ...header, kid },
        strangerKey(),
      );
    }),
    signature: signed((valid, header) => {
      const { token } = maker.sign(valid, header);
      const [head, body, signature = ''] = token.split('.');
      const bytes = Buffer.from(signature, 'base64url');
      bytes[128] = (bytes[128] ?? 0) ^ 1;
      return issued(`${head}.${body}.${bytes.toString('base64url')}`, valid);
    }),
    algNone: signed((valid) => maker.sign(valid, { alg: 'none' })),
    algHs256: signed((valid) => maker.sign(valid, { alg: 'HS256' })),
    noKid: signed((valid) => maker.sign(valid, { kid: undefined, x5t: undefined })),
    unknownCrit: signed((valid) =>
      maker.sign(valid, { crit: ['urn:example:unknown'], 'urn:example:unknown': true }),
    ),
    idToken: (claims = {}) => {
      const { tenants, people, apps } = sources;
      const tenant = tenants.named(claims.tenant);
      const person = people.named('ada', tenant);
      const api = apps.api(claims.api);
      return maker.sign(
        idTokenClaims(sources, { person, tenant, clientId: api.clientId, nonce: 'local-nonce' }),
      );
    },
    keyBound: claimed(() => ({ cnf: { kid: randomBytes(32).toString('base64url') } })),
    fivePart: signed((valid, header) => {
      const encrypted = encode({ ...header, alg: 'RSA-OAEP', enc: 'A256CBC-HS512' });
      const parts = [256, 16, 600, 32].map((size) => randomBytes(size).toString('base64url'));
      return issued([encrypted, ...parts].join('.'), valid);
    }),
    notAJwt: signed((valid) => issued(randomBytes(32).toString('base64url'), valid)),
    tooLarge: claimed(() => ({ xms_padding: 'x'.repeat(16 * 1024) })),
    withoutPermissions: (claims = {}) => maker.sign(maker.appPayload('daemon', { ...claims, roles: [] })),
  };
  const names = Object.keys(faults) as WrongTokenName[];
  return { ...faults, all: names.map((name) => [name, () => faults[name]()] as const) };
}

/** Whether the API has app roles and no scopes. Entra gives no delegated tokens for it, so its valid token is an app's. */
function onlyForApps({ apps }: TokenSources, claims: UserClaims): boolean {
  const { scopes = [], appRoles } = apps.api(claims.api).registration;
  return scopes.length === 0 && appRoles !== undefined;
}
