import { aboutToken, type Fact } from '../../packages/cli/src/explain/about-token.js';
import { comparedWithNone, wouldAccept } from '../../packages/cli/src/explain/unnamed-api.js';
import { ConfigurationError } from '../../packages/core/src/base/errors.js';
import { isRefusal } from '../../packages/core/src/base/refusal.js';
import { type Finding, failed } from '../../packages/core/src/explain/finding.js';
import { unreadFindings } from '../../packages/core/src/explain/unread.js';
import type { ValidatorOptions } from '../../packages/core/src/options/options.js';
import { resolveSettings, type Settings } from '../../packages/core/src/options/settings.js';
import { issuerClaims } from '../../packages/core/src/token/checks/issuer.js';
import { lookOf } from '../../packages/core/src/token/checks/look.js';
import { takeApart } from '../../packages/core/src/token/compact-jws.js';

/** What the page says of a token. */
export interface Explained {
  readonly verdict: string;
  readonly refused: boolean;
  readonly about: readonly Fact[];
  /** What an API has to configure to accept it; empty where an API was named. */
  readonly accept: readonly Fact[];
  readonly findings: readonly Finding[];
  /** Why the settings can't be used, in the library's words. */
  readonly settingsError: string | undefined;
}

/** The fields of the form, '' for an empty one. */
export interface ApiFields {
  readonly tenant: string;
  readonly client: string;
  readonly uri: string;
}

/**
 * Looks at a token as `explain` of the core does with `keys: false`, and where no API is named as the command does: by the
 * same tables, without a connection.
 *
 * @param now milliseconds since the epoch
 */
export function lookAtToken(token: string, fields: ApiFields, now: number): Explained {
  const unnamed = wouldAccept(token);
  const { settings, error } = settingsOf(fields);
  const named = settings !== undefined;
  const found = findingsOf(token, settings ?? resolveSettings(unnamed.options), now);
  const findings = (named ? found : comparedWithNone(found, token)).map((finding) =>
    inWordsOfPage(finding, named),
  );
  const failures = findings.filter(({ ok }) => ok === false);
  return {
    verdict: verdictOf(failures, named),
    refused: failures.length > 0,
    about: aboutToken(token, findings, now),
    accept: named ? [] : unnamed.facts,
    findings,
    settingsError: error,
  };
}

function settingsOf({ tenant, client, uri }: ApiFields): { settings?: Settings; error?: string } {
  if (tenant === '' && client === '' && uri === '') return {};
  const options = {
    ...(/^https?:/i.test(tenant) ? { authority: tenant } : tenant === '' ? {} : { tenantId: tenant }),
    ...(client === '' ? {} : { clientId: client }),
    ...(uri === '' ? {} : { applicationIdUri: uri }),
  } as ValidatorOptions;
  try {
    return { settings: resolveSettings(options) };
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error;
    return { error: `${error.message} ${error.hint}` };
  }
}

function findingsOf(token: string, settings: Settings, now: number): readonly Finding[] {
  const jws = takeApart(token);
  if (isRefusal(jws)) return [failed('form', jws)];
  const look = lookOf(jws, issuerClaims(jws.payload), { settings, pinned: undefined }, now);
  return unreadFindings(look, WITHOUT_KEYS);
}

const WITHOUT_KEYS = 'this page asks no server. "entra-guard explain --keys" does';

/** The command speaks of its flags, which are fields here. */
function inWordsOfPage(finding: Finding, named: boolean): Finding {
  const { check, ok, hint } = finding;
  if (!named && ok === undefined && (check === 'issuer' || check === 'audience')) {
    return { ...finding, hint: 'Not compared: fill in tenant and client ID above.' };
  }
  return hint === undefined
    ? finding
    : {
        ...finding,
        hint: hint.replace('say so with --authority and --client', 'fill it in above as the authority'),
      };
}

function verdictOf([first, ...others]: readonly Finding[], named: boolean): string {
  if (first !== undefined) {
    const more = others.length === 0 ? '' : ` Also: ${others.map(({ code }) => code).join(', ')}.`;
    return `Refused: ${first.code}.${more}`;
  }
  return named
    ? 'Nothing speaks against it. The signature is not verified here.'
    : 'Nothing in the token itself speaks against it. It was compared with no API, and the signature is not verified here.';
}
