import { ConfigurationError } from '../base/errors.js';
import { isGuid } from '../base/guid.js';
import { mayBeSecret, printable } from '../base/printable.js';
import { assertOwnAudience } from './foreign-audience.js';
import type { EntraOptions } from './options.js';

/**
 * Returns an audience in the form in which audiences are compared: GUIDs in lower case, URIs without one trailing
 * slash, which v1 tokens may have (Entra: `use_guid`).
 */
export function normalizedAudience(audience: string): string {
  const guid: boolean = isGuid(audience);
  if (guid) return audience.toLowerCase();
  return audience.endsWith('/') && audience.includes(':') ? audience.slice(0, -1) : audience;
}

/**
 * Reads a list of audiences in the options, normalized.
 *
 * @throws ConfigurationError for an invalid audience
 */
export function audienceList(given: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given ?? []].flat();
  for (const audience of list) {
    if (
      typeof audience !== 'string' ||
      audience.trim() === '' ||
      audience === 'undefined' ||
      audience.includes('*')
    ) {
      throw new ConfigurationError(
        `audience holds ${audience === '' ? 'an empty string' : printable(audience)}.`,
        "Name each accepted audience in full: 'https://api.contoso.com'.",
      );
    }
    assertOwnAudience('audience', audience);
  }
  return (list as readonly string[]).map(normalizedAudience);
}

/** The audiences of this API. */
export interface Audiences {
  readonly clientId: string;
  readonly applicationIdUri: string;
  /** Normalized. */
  readonly accepted: ReadonlySet<string>;
}

/** Reads the option `clientId`. @throws ConfigurationError */
export function resolveClientId(value: unknown): string {
  if (value === undefined || value === '' || value === 'undefined' || value === 'null') {
    throw new ConfigurationError(
      `clientId is ${value === undefined ? 'missing' : `'${value}'`}.`,
      'Set it to the application (client) ID of this API. Is an environment variable unset?',
    );
  }
  if (isGuid(value)) return value.toLowerCase();
  const text = typeof value === 'string' ? value : '';
  if (text.startsWith('api://')) {
    throw new ConfigurationError(
      `clientId is '${printable(text)}', an application ID URI.`,
      'Set clientId to the GUID and, if it is not api://{clientId}, applicationIdUri to this.',
    );
  }
  if (mayBeSecret(text)) {
    throw new ConfigurationError(
      'clientId looks like a client secret.',
      'Set it to the application (client) ID, a GUID. An API that only validates tokens needs no secret; if this one was committed or logged, replace it in Entra.',
    );
  }
  const harmless = text.length < 16 || /^[0-9a-f-]+$/i.test(text);
  throw new ConfigurationError(
    harmless
      ? `clientId is ${printable(value, 60)}, which is not a GUID.`
      : `clientId is not a GUID (${text.length} characters, not shown: it may be a secret).`,
    'Copy "Application (client) ID" from the overview page of the API\'s app registration.',
  );
}

/**
 * Reads the API's audiences: its client ID, its application ID URI and further ones.
 *
 * @param exactly the accepted audiences, if a migration replaces the API's own
 * @throws ConfigurationError
 */
export function resolveAudiences(
  options: EntraOptions,
  clientId: string,
  exactly: ReadonlySet<string> | undefined,
): Audiences {
  const { applicationIdUri = `api://${clientId}` } = options;
  if (typeof applicationIdUri !== 'string' || !URL.canParse(applicationIdUri)) {
    throw new ConfigurationError(
      `applicationIdUri is ${printable(applicationIdUri)}, which is not a URI.`,
      `Copy "Application ID URI" from "Expose an API" of the app registration, such as api://${clientId}.`,
    );
  }
  assertOwnAudience('clientId', clientId);
  assertOwnAudience('applicationIdUri', applicationIdUri);
  const own = [clientId, applicationIdUri].map(normalizedAudience);
  return Object.freeze({
    clientId,
    applicationIdUri: normalizedAudience(applicationIdUri),
    accepted: exactly ?? new Set([...own, ...audienceList(options.audience)]),
  });
}
