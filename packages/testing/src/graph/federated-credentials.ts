import type { App } from '../directory/apps.js';
import { guidOf } from '../directory/guid.js';
import type { FederatedCredential } from '../directory/registration.js';
import { TOKEN_EXCHANGE } from '../tokens/exchange-token.js';
import { applicationIn } from './applications.js';
import type { Resource } from './filter.js';
import { bodyOf, type GraphCall, noContent, ok, textIn } from './graph-call.js';
import { badRequest, missing, notFound } from './graph-error.js';
import { collection, type Shape, single } from './query.js';

const shape: Shape = {
  name: 'federatedIdentityCredentials',
  properties: ['id', 'name', 'issuer', 'subject', 'description', 'audiences'],
};

/** How many an application can have (Entra: workload identity federation, considerations). */
const MOST = 20;

const nameOf = ({ name }: FederatedCredential, index: number): string => name ?? `credential-${index + 1}`;

function resourcesOf({ clientId, registration }: App): readonly Resource[] {
  return (registration.federatedCredentials ?? []).map((one, index) => ({
    id: guidOf('federated-credential', `${clientId} ${nameOf(one, index)}`),
    name: nameOf(one, index),
    issuer: one.issuer,
    subject: one.subject,
    description: null,
    audiences: [one.audience ?? TOKEN_EXCHANGE],
  }));
}

/** Source: https://learn.microsoft.com/graph/api/application-list-federatedidentitycredentials */
export function getFederatedCredentials(call: GraphCall): Response {
  return ok(collection(resourcesOf(applicationIn(call)), { ...call, shape }));
}

/**
 * Adds a federated credential: assertions of its issuer and subject are then accepted from the client.
 *
 * Source: https://learn.microsoft.com/graph/api/application-post-federatedidentitycredentials
 */
export async function postFederatedCredential(call: GraphCall): Promise<Response> {
  const app = applicationIn(call);
  const body = await bodyOf(call);
  const unknown = Object.keys(body).find((name) => !shape.properties.includes(name) || name === 'id');
  if (unknown !== undefined) throw missing(`property "${unknown}" of ${shape.name} to create`);
  const [name, issuer, subject] = (['name', 'issuer', 'subject'] as const).map((one) =>
    textIn(body, one),
  ) as [string, string, string];
  if (!/^[A-Za-z0-9][\w-]{2,119}$/.test(name)) {
    throw badRequest(`The name '${name}' is not 3 to 120 letters, digits, '-' and '_'.`);
  }
  if (!URL.canParse(issuer)) throw badRequest(`The issuer '${issuer}' is not a URL.`);
  const { audiences } = body;
  if (!Array.isArray(audiences) || audiences.length !== 1 || typeof audiences[0] !== 'string') {
    throw badRequest(`Property 'audiences' has to be a list of one text: ["${TOKEN_EXCHANGE}"].`);
  }
  const before = resourcesOf(app);
  if (before.length >= MOST) throw badRequest(`An application has at most ${MOST} federated credentials.`);
  const same = before.find((one) => one.name === name || (one.issuer === issuer && one.subject === subject));
  if (same !== undefined) {
    throw badRequest(
      `The federated credential '${String(same.name)}' has the same name, or the same issuer and subject.`,
      'Request_MultipleObjectsWithSameKeyValue',
    );
  }
  const { federatedCredentials = [] } = app.registration;
  const named = federatedCredentials.map((one, index) => ({ ...one, name: nameOf(one, index) }));
  const added = { name, issuer, subject, audience: audiences[0] };
  call.entra.apps.update(app, { federatedCredentials: [...named, added] });
  const id = guidOf('federated-credential', `${app.clientId} ${name}`);
  const made = { id, name, issuer, subject, description: null, audiences };
  return ok(single(made, { ...call, shape }), 201);
}

/** Source: https://learn.microsoft.com/graph/api/federatedidentitycredential-delete */
export function deleteFederatedCredential(call: GraphCall): Response {
  const app = applicationIn(call);
  const wanted = call.params.credential ?? '';
  const all = resourcesOf(app);
  if (!all.some(({ id, name }) => id === wanted || name === wanted)) throw notFound(wanted);
  const { federatedCredentials = [] } = app.registration;
  const left = federatedCredentials
    .map((one, index) => ({ ...one, name: nameOf(one, index) }))
    .filter((_, index) => all[index]?.id !== wanted && all[index]?.name !== wanted);
  call.entra.apps.update(app, { federatedCredentials: left });
  return noContent();
}
