import { type HostTable, readHostPattern } from '../match/host.js';
import { methodsOf } from '../match/methods.js';
import { exampleOf, readPattern } from '../match/pattern.js';
import type { HostedApp, RoutedRule } from '../match/policy-matcher.js';
import type { PathReading } from '../match/request-path.js';
import { RouteTable } from '../match/route-table.js';
import type { PolicyApp, PolicyRule, PolicySignIn } from '../policy.js';
import type { appShape } from './app-shape.js';
import type { Located } from './located.js';
import { type AnyPermissions, readRequirement } from './read-requirement.js';
import { BAD, type Reading } from './reading.js';
import type { Read, ReadBy } from './shape.js';
import { found } from './shape.js';
import { shown } from './shown.js';

type AppFacts = ReadBy<typeof appShape>;
type RuleFacts = AppFacts['rules'][number];

/** What an application is read with. */
export interface AppPlace {
  readonly reading: Reading;
  /** The hosts of all applications; this one's are added. */
  readonly hosts: HostTable<HostedApp>;
  readonly permissions: AnyPermissions | undefined;
}

/** Reads one application, and the table of its rules. */
export function readApp(
  name: string,
  { value: facts }: { readonly value: AppFacts; readonly node: Located },
  place: AppPlace,
): Read<PolicyApp> {
  const paths: PathReading = {
    opaqueSlashes: facts.encodedSlashes === 'opaque',
    keptParameters: facts.pathParameters === 'keep',
    foldedCase: facts.caseInsensitivePaths === true,
  };
  const table = new RouteTable<RoutedRule>();
  const rules = facts.rules.map((rule) => readRule(name, rule, { ...place, paths, table }));
  assertSignIn(facts, place.reading);
  const app: PolicyApp = Object.freeze({
    name,
    hosts: Object.freeze(facts.host.value.map(({ value }) => value.toLowerCase())),
    upstream: facts.upstream,
    owner: facts.owner,
    signIn: signInOf(facts),
    identity: facts.identity ?? 'assertion',
    audience: facts.audience,
    passToken: facts.passToken ?? false,
    caseInsensitivePaths: paths.foldedCase,
    cors: facts.cors,
    encodedSlashes: facts.encodedSlashes,
    pathParameters: facts.pathParameters,
    rules: Object.freeze(rules.filter((rule) => rule !== BAD)),
  });
  addHosts(facts, { app, reading: paths, table }, place);
  return rules.includes(BAD) ? BAD : app;
}

function addHosts(facts: AppFacts, hosted: HostedApp, { reading, hosts }: AppPlace): void {
  for (const { value, node } of facts.host.value) {
    const host = readHostPattern(value);
    if (host === undefined) {
      const port = /:[0-9]*$/.test(value) && !value.startsWith('[');
      reading.note(
        node,
        shown(value),
        port
          ? 'a host without a port, which is not looked at'
          : "a host: orders.contoso.example, or '*.contoso.example' for any one label",
      );
      continue;
    }
    const other = hosts.add(host, hosted);
    if (other !== undefined) {
      reading.note(
        node,
        `${shown(value)}, which is a host of apps.${other.app.name} already`,
        'a host of one application',
      );
    }
  }
}

function signInOf({ signIn }: AppFacts): PolicyApp['signIn'] {
  if (signIn === undefined || signIn === false) return false;
  if (signIn === true) return Object.freeze({});
  const { credential, scopes } = signIn;
  const { secret, ...others } = credential ?? {};
  const read: PolicySignIn = {
    ...(scopes === undefined ? {} : { scopes }),
    ...(credential === undefined
      ? {}
      : {
          credential: Object.freeze({ ...others, ...(secret === undefined ? {} : { secret: secret.value }) }),
        }),
  };
  return Object.freeze(read);
}

function assertSignIn({ signIn, host }: AppFacts, reading: Reading): void {
  if (typeof signIn !== 'object' || signIn.credential === undefined) return;
  const given = Object.keys(signIn.credential);
  if (given.length === 1) return;
  reading.note(
    { ...host.node, member: host.node.member.replace(/host$/, 'signIn.credential') },
    given.length === 0 ? 'no credential' : given.join(' and '),
    'one of certificate, federatedTokenFile, managedIdentity and secret',
  );
}

interface RulePlace extends AppPlace {
  readonly paths: PathReading;
  readonly table: RouteTable<RoutedRule>;
}

function readRule(app: string, { value: facts, node }: RuleFacts, place: RulePlace): Read<PolicyRule> {
  const { reading, paths, table, permissions } = place;
  const { path, methods: named, because } = facts;
  const read = readRequirement(facts.require, permissions, reading);
  const pattern = readPattern(path.value, paths);
  if ('found' in pattern) {
    reading.note(path.node, pattern.found, pattern.expected);
    return BAD;
  }
  if (read === BAD) return BAD;
  const requirement = because === undefined ? read : read.because(because);
  if (requirement.role === 'anonymous' && requirement.reasons.length === 0) {
    return reading.note(
      facts.require,
      'anonymous() without a reason',
      'the member because, which says why every caller is let in: because: load balancer probe',
    );
  }
  if (new Set(named).size < named.length) {
    return reading.note(node, `a method twice: ${named.join(', ')}`, 'each method once');
  }
  const { line } = reading.placeOf(node.at);
  const methods = methodsOf(named);
  const rule: PolicyRule = Object.freeze({ app, path: path.value, named, methods, requirement, line });
  const rival = table.add({ rule, pattern, methods });
  if (rival === undefined) return rule;
  const both = methods.filter((method) => rival.methods.includes(method));
  return reading.note(
    path.node,
    `${found(path.node)}, as specific as ${shown(rival.rule.path)} of line ${rival.rule.line}: both match ${both[0]} ${exampleOf(pattern)}`,
    'one rule for a path and a method. GET is HEAD as well, and any is all methods',
  );
}
