export const HOST = 'orders.contoso.example';

/** The policy of the tests with servers. */
export const policyText = (authority: string, clientId: string, upstream: number): string => `version: 1
entra: { authority: ${authority}, clientId: ${clientId} }
assertion: { issuer: 'https://gate.contoso.example' }
apps:
  orders:
    host: ${HOST}
    upstream: http://127.0.0.1:${upstream}
    audience: orders
    cors: { origins: ['https://portal.contoso.example'], maxAge: 10m }
    rules:
      - { path: /health, methods: [GET], require: anonymous(), because: a probe }
      - { path: /public/**, methods: [any], require: anonymous(), because: a test }
      - { path: /orders/**, methods: [GET, POST], require: scopes('Orders.Read') }
      - { path: /admin/**, methods: [any], require: "allOf(scopes('Orders.Write'), authContext('c1'))" }
      - { path: /upload, methods: [POST], require: scopes('Orders.Read') }
  raw:
    host: raw.contoso.example
    upstream: http://127.0.0.1:${upstream}
    identity: none
    passToken: true
    rules:
      - { path: /**, methods: [any], require: anonymous(), because: a test }
`;
