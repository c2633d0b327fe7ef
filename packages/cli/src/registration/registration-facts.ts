import { BadInputError } from '../bad-input.js';

/** A way by which an application proves itself to Entra, and its end. */
export interface CredentialFacts {
  readonly kind: 'secret' | 'certificate' | 'federated credential';
  /** As the registration names it; never the secret itself, which Microsoft Graph does not give. */
  readonly name: string;
  readonly keyId: string | undefined;
  /** Of a federated credential: whose tokens it accepts. */
  readonly subject?: string | undefined;
  /** Milliseconds since the epoch; `undefined` for one that does not end. */
  readonly startsAt: number | undefined;
  readonly endsAt: number | undefined;
}

export interface RedirectFacts {
  readonly platform: 'web' | 'spa' | 'publicClient';
  readonly uri: string;
}

/** What a registration says of its credentials, its sign-in and its owners. */
export interface RegistrationFacts {
  readonly name: string;
  readonly clientId: string;
  readonly identifierUris: readonly string[];
  readonly credentials: readonly CredentialFacts[];
  readonly redirects: readonly RedirectFacts[];
  readonly implicit: readonly ('access tokens' | 'ID tokens')[];
  /** Names of the owners; `undefined` where it was not told. */
  readonly owners: readonly string[] | undefined;
}

type Json = Readonly<Record<string, unknown>>;

const EXPORT =
  'Export it: az ad app show --id <client ID> > application.json, or GET /applications/{id} of Microsoft Graph v1.0.';

/**
 * Reads registrations as Microsoft Graph has them: one, a list of `az ad app list`, or a page of Graph.
 *
 * @param owners the answer of `/applications/{id}/owners`, for one registration
 * @param federated the answer of `/applications/{id}/federatedIdentityCredentials`, for one registration
 * @throws BadInputError for anything else
 */
export function registrationsIn(
  document: unknown,
  owners: unknown,
  federated: unknown,
): readonly RegistrationFacts[] {
  const list = listIn(document);
  const named = owners === undefined ? undefined : ownersIn(owners);
  if (named !== undefined && list.length > 1) {
    throw new BadInputError(
      `--owners is given, and there are ${list.length} registrations.`,
      'Look at one registration, or have Graph add the owners to each: GET /applications?$expand=owners.',
    );
  }
  if (federated === undefined) return list.map((one) => factsOf(one, named));
  if (list.length > 1) {
    throw new BadInputError(
      `--federated is given, and there are ${list.length} registrations.`,
      'Look at one registration.',
    );
  }
  const federatedIdentityCredentials = federatedIn(federated);
  return list.map((one) => factsOf({ ...one, federatedIdentityCredentials }, named));
}

function listIn(document: unknown): readonly Json[] {
  const inside = isObject(document) && Array.isArray(document.value) ? document.value : document;
  const list = Array.isArray(inside) ? inside : [inside];
  if (list.length > 0 && list.every((one) => isObject(one) && typeof one.appId === 'string'))
    return list as Json[];
  const isOld = list.some((one) => isObject(one) && 'replyUrlsWithType' in one);
  throw new BadInputError(
    isOld
      ? 'The registration is in the format of Azure AD Graph, which Entra no longer has.'
      : 'There is no app registration in the JSON: none of its objects has an appId.',
    EXPORT,
  );
}

function factsOf(application: Json, owners: readonly string[] | undefined): RegistrationFacts {
  const clientId = application.appId as string;
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(clientId)) {
    throw new BadInputError(
      `The appId is ${JSON.stringify(clientId.slice(0, 100))}, which is not a GUID.`,
      EXPORT,
    );
  }
  const web = objectIn(application.web);
  const implicit = objectIn(web.implicitGrantSettings);
  return {
    name: textIn(application.displayName) ?? clientId,
    clientId,
    identifierUris: textsIn(application.identifierUris),
    credentials: [
      ...listOf(application.passwordCredentials).map((one) => credential('secret', one)),
      ...listOf(application.keyCredentials).map((one) => credential('certificate', one)),
      ...listOf(application.federatedIdentityCredentials).map((one) => ({
        kind: 'federated credential' as const,
        name: textIn(one.name) ?? textIn(one.subject) ?? 'without a name',
        keyId: textIn(one.id),
        subject: textIn(one.subject),
        startsAt: undefined,
        endsAt: undefined,
      })),
    ],
    redirects: (['web', 'spa', 'publicClient'] as const).flatMap((platform) =>
      textsIn(objectIn(application[platform]).redirectUris).map((uri) => ({ platform, uri })),
    ),
    implicit: [
      ...(implicit.enableAccessTokenIssuance === true ? (['access tokens'] as const) : []),
      ...(implicit.enableIdTokenIssuance === true ? (['ID tokens'] as const) : []),
    ],
    owners: owners ?? (Array.isArray(application.owners) ? ownersIn(application.owners) : undefined),
  };
}

function credential(kind: 'secret' | 'certificate', given: Json): CredentialFacts {
  const hint = textIn(given.hint);
  const name =
    textIn(given.displayName) ?? (hint === undefined ? 'without a name' : `beginning with ${hint}`);
  return {
    kind,
    name,
    keyId: textIn(given.keyId),
    startsAt: timeIn(kind, name, given.startDateTime),
    endsAt: timeIn(kind, name, given.endDateTime),
  };
}

function timeIn(kind: string, name: string, given: unknown): number | undefined {
  if (given === undefined || given === null) return undefined;
  const time = typeof given === 'string' ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new BadInputError(
    `The ${kind} ${name} has a time that is not one: ${JSON.stringify(given).slice(0, 50)}.`,
    EXPORT,
  );
}

function ownersIn(document: unknown): readonly string[] {
  const inside = isObject(document) && Array.isArray(document.value) ? document.value : document;
  if (!Array.isArray(inside) || !inside.every(isObject)) {
    throw new BadInputError(
      'The owners are not a list.',
      'Export them: az ad app owner list --id <client ID> > owners.json, or GET /applications/{id}/owners.',
    );
  }
  return (inside as readonly Json[]).map(
    (one) =>
      textIn(one.userPrincipalName) ??
      textIn(one.mail) ??
      textIn(one.displayName) ??
      textIn(one.id) ??
      'unknown',
  );
}

function federatedIn(document: unknown): readonly Json[] {
  const inside = isObject(document) && Array.isArray(document.value) ? document.value : document;
  if (Array.isArray(inside) && inside.every((one) => isObject(one) && typeof one.subject === 'string')) {
    return inside as readonly Json[];
  }
  throw new BadInputError(
    'The federated credentials are not a list of objects with a subject.',
    'Export them: az ad app federated-credential list --id <client ID> > federated.json, or GET /applications/{id}/federatedIdentityCredentials.',
  );
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objectIn = (value: unknown): Json => (isObject(value) ? value : {});
const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
