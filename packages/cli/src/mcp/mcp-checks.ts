import { type Check, type McpCheckName, ok, skipped } from '../doctor/check.js';
import type { Fault } from './fault.js';
import { RULES } from './faults.js';
import { foreignList, foreignText } from './foreign-text.js';
import type { ServerFacts } from './server-facts.js';
import { codeOf, hintOf } from './verdicts.js';

/** The checks of an MCP server, in the order in which clients come across what they look at. */
export function mcpChecks(facts: ServerFacts, faults: readonly Fault[]): readonly Check[] {
  return (Object.keys(SAID) as McpCheckName[]).flatMap((name) => {
    const concerned = faults.filter((one) => RULES[one.name].check === name);
    if (concerned.length > 0) return concerned.map((one) => checkOf(name, one, facts));
    const said = SAID[name](facts, faults);
    return said === undefined ? [] : [said.startsWith('-') ? skipped(name, said.slice(1)) : ok(name, said)];
  });
}

function checkOf(name: McpCheckName, one: Fault, facts: ServerFacts): Check {
  const { status } = RULES[one.name];
  return {
    name,
    status: status === 'note' ? 'ok' : status,
    found: one.found,
    hint: hintOf(one),
    fault: one.name,
    ...codeOf(one, facts),
  };
}

type Said = (facts: ServerFacts, faults: readonly Fault[]) => string | undefined;

const NO_METADATA = '-there is no metadata to read';
const NO_AUTHORITY = '-there is no authorization server to ask';
const NOT_ANSWERED = '-it does not ask for a token';

const asksForToken = ({ initialize }: ServerFacts): boolean => initialize.status === 401;

/** What is said of each where nothing is wrong with it; after a dash, why it was not looked at. */
const SAID: Readonly<Record<McpCheckName, Said>> = {
  url: ({ text }) => text,
  answer: () => '401 without a token',
  challenge: (facts) =>
    asksForToken(facts)
      ? `resource_metadata is ${foreignText(facts.challenge?.resourceMetadata)}`
      : NOT_ANSWERED,
  metadata: ({ used, metadata, initialize }) =>
    used === undefined
      ? `-${initialize.status === undefined ? 'there was no answer' : 'none was found'}`
      : `at ${foreignList([...new Set(metadata.map(({ url }) => url))])}`,
  resource: ({ used }) => (used === undefined ? NO_METADATA : foreignText(used.resource)),
  scopes: ({ used, challenge }) =>
    used === undefined ? NO_METADATA : foreignList(challenge?.scopes ?? used.scopes ?? []),
  cors: ({ used }) => (used === undefined ? NO_METADATA : 'pages may read the metadata'),
  authority: ({ used }) => {
    if (used === undefined) return NO_METADATA;
    const [first, ...others] = used.authorizationServers;
    return `${foreignText(first)}${others.length === 0 ? '' : `; clients use the first of ${others.length + 1}`}`;
  },
  discovery: ({ authority }) =>
    authority === undefined ? NO_AUTHORITY : `metadata at ${foreignList(authority.places)}`,
  issuer: ({ authority }, faults) =>
    authority === undefined || authority.places.length === 0
      ? NO_AUTHORITY
      : faults.some(({ name }) => name === 'tenant_shared' || name === 'tenant_by_name')
        ? '-see authority'
        : foreignText(authority.issuer),
  pkce: ({ authority }) =>
    authority === undefined || authority.places.length === 0
      ? NO_AUTHORITY
      : foreignList(authority.challengeMethods ?? []),
  registration: ({ authority }) =>
    authority === undefined || authority.places.length === 0
      ? NO_AUTHORITY
      : authority.takesMetadataIds
        ? 'clients can identify by the URL of their metadata'
        : 'clients can register',
  consent: ({ authority }) =>
    authority === undefined || authority.places.length === 0
      ? NO_AUTHORITY
      : 'its metadata does not offer offline_access',
  token: (facts) => (asksForToken(facts) ? '401 for text that is not a token' : NOT_ANSWERED),
  origin: (facts) =>
    !asksForToken(facts)
      ? NOT_ANSWERED
      : facts.foreignOrigin.status === 403
        ? '403 for a page of another origin'
        : '-it asks a page of another origin for a token first',
  stream: (facts) => (asksForToken(facts) ? `${facts.stream.status} for GET without a token` : NOT_ANSWERED),
};
