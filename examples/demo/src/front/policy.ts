import { type Policy, readPolicy } from '@entra-guard/proxy/policy';

/** One policy for two applications: a page that knows nothing of identity, and the orders API on NestJS. */
const TEXT = `version: 1
entra: { authority: "\${AUTHORITY}", clientId: "\${CLIENT_ID}" }
apps:
  wiki:
    host: wiki.localhost
    upstream: "\${WIKI}"
    identity: none
    rules:
      - { path: /**, methods: [GET], require: scopes('Orders.Read') }
      - { path: /salaries/**, methods: [GET], require: "allOf(scopes('Orders.Read'), userRoles('Orders.Auditor'))" }
  orders:
    host: orders.localhost
    upstream: "\${ORDERS}"
    audience: orders
    rules:
      - { path: /health, methods: [GET], require: anonymous(), because: the load balancer asks }
      - { path: /orders/**, methods: [any], require: "anyOf(scopes('Orders.Read'), appPermissions('Orders.Export.All'))" }
`;

/** Reads the policy, as `entra-guard authz` does. */
export function readDemoPolicy(env: Readonly<Record<string, string>>): Policy {
  return readPolicy(TEXT, { env });
}
