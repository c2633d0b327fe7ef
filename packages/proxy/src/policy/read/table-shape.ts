import type { PolicyCaller } from '../tables/caller.js';
import { bool, choice, described, either, listOf, members, placed, type Shape, text } from './shape.js';
import { durationText, guid, permission, words } from './text-shapes.js';

const permissions = (what: string): Shape<readonly string[]> => listOf(permission, what);

/** One caller. Which members go together, {@link PolicyCaller} says and the reader checks. */
export const callerShape = members({
  user: described('A user, by a name.', words("a user's name")),
  app: described('An app that acts as itself, by a name.', words("an app's name")),
  agent: described('An AI agent, by a name.', words("an agent's name")),
  for: described('The user that an agent acts for.', words("a user's name")),
  scopes: described("Scopes of a user's token.", permissions('a list of scopes: [Orders.Read]')),
  roles: described(
    'Roles of the user, or application permissions of the app.',
    permissions('a list of roles'),
  ),
  groups: described(
    "Object IDs of the user's groups, or overage.",
    either(
      { shape: choice('overage'), fits: ({ kind }) => kind === 'text' },
      listOf(guid, 'a list of GUIDs'),
    ),
  ),
  guest: described('Default: false.', bool()),
  client: described("Client ID of the app that brings a user's token.", guid),
  authenticationContexts: described(
    'Satisfied authentication contexts.',
    listOf(text('an authentication context: c1', '^c[1-9][0-9]?$'), 'a list: [c1]'),
  ),
  signedIn: described('How long ago the user signed in: 5m.', durationText),
}) satisfies Shape<PolicyCaller>;

/** Methods that a row may ask for: those that no rule can have, too. */
export const ASKED_METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
] as const;

const asked = described('The path that is asked for; it may hold a query.', text('a path: /orders/42', '.'));

/** One row. It has exactly one method, and one of `allow` and `refuse`. */
export const testShape = placed(
  members({
    as: described(
      'A name of callers, or a caller. Without it there is no token.',
      placed(
        either(
          { shape: words('a name of callers'), fits: ({ kind }) => kind === 'text' },
          placed(callerShape),
        ),
      ),
    ),
    host: described('Default: the only host.', words('a host')),
    GET: asked,
    HEAD: asked,
    POST: asked,
    PUT: asked,
    PATCH: asked,
    DELETE: asked,
    OPTIONS: asked,
    TRACE: asked,
    CONNECT: asked,
    allow: described('The request is allowed.', choice(true)),
    refuse: described(
      'The request is refused, with this code.',
      either(
        { shape: choice(true), fits: ({ kind }) => kind === 'fact' },
        text('a code: scope_missing', '^[a-z_]+$'),
      ),
    ),
    rule: described('The pattern of the rule that decides.', words('a pattern: /orders/{id}')),
  }),
);
