import type { App } from '../directory/apps.js';
import type { Consent } from '../directory/consents.js';
import type { Resource } from './filter.js';
import { bodyOf, type GraphCall, noContent, ok, textIn } from './graph-call.js';
import { badRequest, notFound } from './graph-error.js';
import { listPrincipals, principalIdOf } from './principals.js';
import { collection, type Shape, single } from './query.js';
import { findById } from './users-in-directory.js';

const grantShape: Shape = {
  name: 'oauth2PermissionGrants',
  properties: ['id', 'clientId', 'consentType', 'principalId', 'resourceId', 'scope'],
};

function grantResource({ entra }: GraphCall, consent: Consent): Resource {
  return {
    id: consent.id,
    clientId: principalIdOf(entra, consent.clientId),
    consentType: consent.principalId === undefined ? 'AllPrincipals' : 'Principal',
    principalId: consent.principalId ?? null,
    resourceId: principalIdOf(entra, consent.resourceId),
    scope: [...consent.scopes].join(' '),
  };
}

function consentIn({ entra, params }: GraphCall): Consent {
  const consent = entra.consents.list().find(({ id }) => id === params.grant);
  if (consent === undefined) throw notFound(params.grant ?? '');
  return consent;
}

export function getGrants(call: GraphCall): Response {
  const grants = call.entra.consents.list().map((consent) => grantResource(call, consent));
  return ok(collection(grants, { ...call, shape: grantShape }));
}

export function getGrant(call: GraphCall): Response {
  return ok(single(grantResource(call, consentIn(call)), { ...call, shape: grantShape }));
}

/** Consents for a user or for all users, as an administrator. */
export async function postGrant(call: GraphCall): Promise<Response> {
  const { entra, base } = call;
  const body = await bodyOf(call);
  const client = principalIn(call, textIn(body, 'clientId'));
  const resource = principalIn(call, textIn(body, 'resourceId'));
  const consentType = textIn(body, 'consentType');
  if (consentType !== 'AllPrincipals' && consentType !== 'Principal') {
    throw badRequest(`consentType is '${consentType}'. Write 'AllPrincipals' or 'Principal'.`);
  }
  if (consentType === 'AllPrincipals' && typeof body.principalId === 'string') {
    throw badRequest("principalId is set, and consentType is 'AllPrincipals'. Leave principalId out.");
  }
  const principalId = consentType === 'Principal' ? textIn(body, 'principalId').toLowerCase() : undefined;
  if (principalId !== undefined && findById(entra, principalId) === undefined) throw notFound(principalId);
  const subject = { clientId: client.clientId, resourceId: resource.clientId, principalId };
  const known = entra.consents
    .list()
    .some(
      (one) =>
        one.clientId === subject.clientId &&
        one.resourceId === subject.resourceId &&
        one.principalId === principalId,
    );
  if (known) throw badRequest('Permission entry already exists.');
  const consent = entra.consents.grant(subject, scopesIn(body));
  const answer = single(grantResource(call, consent), { ...call, shape: grantShape });
  return ok(answer, 201, { location: `${base}/oauth2PermissionGrants/${consent.id}` });
}

/** Replaces the scopes. */
export async function patchGrant(call: GraphCall): Promise<Response> {
  const { entra } = call;
  const { id, clientId, resourceId, principalId } = consentIn(call);
  const scopes = scopesIn(await bodyOf(call));
  entra.consents.revoke(id);
  entra.consents.grant({ clientId, resourceId, principalId }, scopes);
  return noContent();
}

export function deleteGrant(call: GraphCall): Response {
  call.entra.consents.revoke(consentIn(call).id);
  return noContent();
}

function principalIn({ entra }: GraphCall, id: string): App {
  const found = listPrincipals(entra).find(({ app }) => app.oid === id.toLowerCase());
  if (found === undefined) throw notFound(id);
  return found.app;
}

function scopesIn({ scope }: Readonly<Record<string, unknown>>): readonly string[] {
  if (typeof scope !== 'string') throw badRequest("A value is required for property 'scope' of resource.");
  return scope.split(' ').filter((one) => one !== '');
}
