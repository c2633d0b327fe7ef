import { sourceOf } from '../../draft/catalogue-source.js';
import { FIRST_SCOPE } from './scope.js';

/**
 * The catalogue that a service begins with: one scope.
 *
 * @param adapter the package that the service uses, such as `@entra-guard/express`
 * @param clientId of the API; its application ID URI is made of it
 */
export function catalogueTemplate(adapter: string, clientId: string | undefined): string {
  return sourceOf({
    from: adapter,
    api: clientId === undefined ? undefined : `api://${clientId}`,
    scopes: [{ value: FIRST_SCOPE, description: 'Call the API for the signed-in user.', consent: 'user' }],
    appRoles: [],
    preAuthorized: [],
  });
}
