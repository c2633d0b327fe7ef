import type { CommonValidatorOptions, Duration, ValidatorOptions } from '@entra-guard/core';
import type { Located } from './located.js';
import { plainOf } from './located.js';
import { bool, choice, described, either, found, integer, listOf, members, type Shape } from './shape.js';
import { durationText, guid, words } from './text-shapes.js';

/** Options that are code, which a file can't hold. */
type InCodeOnly = 'fetch' | 'now' | 'log' | 'isRevoked';

type DataOptions = Omit<
  CommonValidatorOptions & { tenantId: string; tenants: unknown; authority: string },
  InCodeOnly
>;

/** An option of a validator that is data, and has no shape, does not compile. */
type Shapes = Readonly<Record<keyof DataOptions, Shape<unknown>>>;

const isText = ({ kind }: Located): boolean => kind === 'text';

const duration = either(
  { shape: durationText, fits: isText },
  integer(0, 999_999_999, 'a duration: seconds, or 15m, 8h, 7d'),
) as Shape<Duration>;

const tenant = words('a tenant: its GUID, or a verified domain');
const lists = { ofTexts: listOf(words('a text'), 'a list', 1), ofGuids: listOf(guid, 'a list of GUIDs', 1) };

/** Kept as it is: what is wrong with it, the core says. */
const snapshot: Shape<unknown> = {
  schema: { type: 'object' },
  read: (node, reading) =>
    node.kind === 'map' ? plainOf(node) : reading.note(node, found(node), 'what validator.snapshot() gave'),
};

export const ownerShape: Shape<{
  readonly team: string;
  readonly contact?: string;
  readonly onCall?: string;
}> = members(
  {
    team: described('Who is responsible.', words("a team's name")),
    contact: described('Where the team is reached in working hours.', words('an address')),
    onCall: described('Whom to wake.', words('an address')),
  },
  { required: ['team'] },
);

const options: Shapes = {
  tenantId: described('One tenant: its GUID, or a verified domain.', tenant),
  tenants: described(
    'Several tenants: their GUIDs, or any-organization.',
    either({ shape: choice('any-organization'), fits: isText }, lists.ofGuids),
  ),
  authority: described('B2C, External ID, a custom domain or a local Entra: its URL.', words('a URL')),
  clientId: described("The API's application (client) ID, a GUID.", guid),
  applicationIdUri: described('Default: api://{clientId}.', words('an application ID URI: api://orders')),
  audience: described(
    'Further accepted audiences.',
    either({ shape: words('an audience'), fits: isText }, lists.ofTexts),
  ),
  cloud: described('Default: public.', choice('public', 'usgov', 'china')),
  policies: described('B2C user flows or custom policies.', lists.ofTexts),
  appClients: described('B2C only: client IDs of daemons.', lists.ofGuids),
  customSigningKeys: described('Default: false.', bool()),
  clockTolerance: described('Default: 1m, at most 5m.', duration),
  algorithms: described('Default: RS256.', listOf(choice('RS256', 'PS256'), 'a list: [RS256]', 1)),
  keys: described(
    'Limits of fetching and keeping signing keys.',
    members({
      softAge: described('Default: 1h.', duration),
      hardAge: described('Default: 24h.', duration),
      coolDown: described('Default: 30s.', duration),
      timeout: described('Default: 5s.', duration),
      maxBytes: described(
        'Default: 1048576.',
        integer(1024, Number.MAX_SAFE_INTEGER, 'bytes, at least 1024'),
      ),
      seed: described('What validator.snapshot() gave.', snapshot),
    }),
  ),
  cache: described(
    'How verified tokens are cached; false for no cache.',
    either(
      { shape: choice(false), fits: ({ kind }) => kind === 'fact' },
      members({
        maxEntries: described('Default: 10000.', integer(1, 1_000_000, 'a number from 1 to 1000000')),
        maxBytes: described('Default: 33554432.', integer(1, Number.MAX_SAFE_INTEGER, 'bytes')),
        maxAge: described('Default: 1d.', duration),
      }),
    ),
  ),
  owner: described('Who is responsible for the API.', ownerShape),
  dangerouslyAllowLoopbackAuthority: described('Accept a local Entra in production. Default: false.', bool()),
};

const authority = members(options as Record<string, Shape<unknown>>, {
  required: ['clientId'],
}) as unknown as Shape<ValidatorOptions>;

/** The options of one authority, or a list of them. */
export const entraShape: Shape<ValidatorOptions | readonly ValidatorOptions[]> = either(
  { shape: listOf(authority, 'a list of authorities', 1), fits: ({ kind }) => kind === 'list' },
  authority,
);
