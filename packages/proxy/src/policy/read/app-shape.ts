import { METHODS } from '../match/methods.js';
import { ownerShape } from './entra-shape.js';
import type { Located } from './located.js';
import {
  bool,
  choice,
  described,
  either,
  listOf,
  members,
  oneOrMore,
  placed,
  type Shape,
  text,
} from './shape.js';
import { durationText, origin, words } from './text-shapes.js';

/** A requirement as text, or its JSON. What it has to be, the core says. */
const requirement: Shape<Located> = {
  schema: {
    anyOf: [
      { type: 'string', pattern: '\\S' },
      { type: 'object', required: ['requirement'] },
    ],
  },
  read: (node, reading) => {
    if (node.kind === 'text' && /\S/.test(node.value)) return node;
    if (node.kind === 'map' && node.entries.some(({ name }) => name === 'requirement')) return node;
    return reading.note(
      node,
      node.kind === 'fact' ? String(node.value) : `a ${node.kind}`,
      "a requirement: scopes('Orders.Read')",
    );
  },
};

const rule = members(
  {
    path: described('/orders/{id} or /orders/**.', placed(text('a path: /orders/{id}', '^/'))),
    methods: described(
      'GET is HEAD as well; any is all.',
      listOf(choice(...METHODS, 'any'), 'a list of methods: [GET, POST], or [any]', 1),
    ),
    require: described("Who may call it: scopes('Orders.Read').", requirement),
    because: described('Why. Required with anonymous().', words('a reason')),
  },
  { required: ['path', 'methods', 'require'] },
);

const secret = (expected: string): Shape<string> => text(expected, '\\S', true);

const signIn = members({
  credential: described(
    'How the application proves itself to Entra: one of these.',
    members({
      certificate: described('File with certificate and private key, PEM.', words('a file')),
      federatedTokenFile: described('File with a federated token.', words('a file')),
      managedIdentity: described('Client ID of a managed identity.', words('a client ID')),
      secret: described('A client secret: a variable.', placed(secret(`a client secret: \${NAME}`))),
    }),
  ),
  scopes: described(
    'Scopes of the session. Default: openid profile offline_access {clientId}/.default.',
    listOf(words('a scope'), 'a list of scopes', 1),
  ),
});

const host = text(
  "a host: orders.contoso.example, '*.contoso.example'",
  '^(?:\\*\\.)?[A-Za-z0-9_.\\-[\\]:]+$',
);

/** One application behind the proxy. */
export const appShape = members(
  {
    host: described(
      "Host names, without ports: orders.contoso.example, '*.contoso.example'.",
      placed(oneOrMore(placed(host), 'a host or a list')),
    ),
    upstream: described('Where the embedded proxy sends its requests: http://127.0.0.1:8080.', origin),
    owner: described('Who is responsible for it.', ownerShape),
    signIn: described(
      'Whether browsers are signed in. Default: false.',
      either({ shape: bool(), fits: ({ kind }) => kind === 'fact' }, signIn),
    ),
    identity: described(
      'What the upstream is told of the caller. Default: assertion.',
      choice('assertion', 'none'),
    ),
    audience: described("The assertion's audience. Default: the app's origin.", words('an audience')),
    passToken: described('Whether the upstream gets the access token. Default: false.', bool()),
    caseInsensitivePaths: described(
      'Whether /Admin and /admin are one path, as on IIS. Default: false.',
      bool(),
    ),
    cors: described(
      'Answers preflights of these origins.',
      members(
        { origins: listOf(origin, 'a list of origins', 1), maxAge: durationText },
        { required: ['origins'] },
      ),
    ),
    encodedSlashes: described('opaque: %2F is a character of a segment.', choice('opaque')),
    pathParameters: described('keep: ; is a character of a segment.', choice('keep')),
    rules: described('Who may call what.', listOf(placed(rule), 'a list of rules', 1)),
  },
  { required: ['host', 'rules'] },
);

/** Where sessions of browsers are kept, and for how long. */
export const sessionsShape = members({
  idle: described('Default: 1h.', durationText),
  absolute: described('Default: 12h.', durationText),
  store: described('memory, or the URL of a Redis. Default: memory.', secret('memory, or redis://…')),
  keys: described(
    'Keys that sessions are sealed with, the newest first.',
    listOf(
      members(
        { id: words('a name'), secret: placed(secret(`a secret: \${NAME}`)) },
        { required: ['id', 'secret'] },
      ),
      'a list of keys',
      1,
    ),
  ),
});
