import { describe, expect, it } from 'vitest';
import { type Json } from '../../../../test/support/forger.js';
import {
  type AgentsOptions,
  type AuthContext,
  agentKey,
  agents,
  allOf,
  authContext,
  check,
  clients,
  delegated,
  evaluate,
  type Narrowing,
  type NoAgentsOptions,
  noAgents,
  parseRequirement,
  requirementFromJSON,
  scopes,
  scopesIn,
  signedInWithin,
  tighten,
  type WhenAgentOptions,
  whenAgent,
  withoutUserRoles,
} from '../../src/index.js';
import { daemon, user } from '../callers.js';
import { configurationSentence } from '../refusals.js';

const AGENT = 'a9e27000-0000-4000-8000-000000000001';
const OTHER = 'a9e27000-0000-4000-8000-000000000002';
const BLUEPRINT = 'b1e00000-0000-4000-8000-000000000001';
const read = scopes('Orders.Read');

const ada = (claims: Json = {}): AuthContext => user({ scp: 'Orders.Read', ...claims });
const person = ada({ xms_act_fct: '1', xms_sub_fct: '1' });
const unknown = ada();
const helper = ada({ azp: AGENT, xms_act_fct: '11', xms_par_app_azp: BLUEPRINT });
const helperKnown = ada({ azp: AGENT, xms_act_fct: '11', xms_sub_fct: '1' });
const agentUser = ada({ azp: AGENT, xms_act_fct: '11', xms_sub_fct: '13' });
const facetOfSubject = ada({ azp: AGENT, xms_sub_fct: '13' });
const byItself = daemon({ azp: AGENT, roles: ['Orders.Read.All'], xms_act_fct: '11', xms_sub_fct: '11' });

function verdict(narrowing: Narrowing, auth: AuthContext): string {
  const decision = evaluate(allOf(auth.kind === 'user' ? read : whatAppsHold, narrowing), auth);
  return decision.granted ? 'granted' : `${decision.code}: ${decision.missing.join('; ')}`;
}
const whatAppsHold = parseRequirement("appPermissions('Orders.Read.All')") as typeof read;

const NO_AGENT = 'agent_not_allowed: a caller without an AI agent';
const UNKNOWN = "agent_not_allowed: the claims 'xms_act_fct' and 'xms_sub_fct'";

describe('noAgents', () => {
  it.each<[NoAgentsOptions, AuthContext, string]>([
    [{}, person, 'granted'],
    [{}, unknown, UNKNOWN],
    [{}, helper, NO_AGENT],
    [{}, agentUser, NO_AGENT],
    [{}, facetOfSubject, NO_AGENT],
    [{}, byItself, NO_AGENT],
    [{ unknown: 'allow' }, unknown, 'granted'],
    [{ unknown: 'allow' }, helper, NO_AGENT],
    [{ as: 'either' }, helper, NO_AGENT],
    // The actor only.
    [{ as: 'actor' }, person, 'granted'],
    [{ as: 'actor' }, ada({ xms_act_fct: '1' }), 'granted'],
    [{ as: 'actor' }, helper, NO_AGENT],
    [{ as: 'actor' }, unknown, UNKNOWN],
    [{ as: 'actor' }, facetOfSubject, UNKNOWN],
    [{ as: 'actor', unknown: 'allow' }, facetOfSubject, 'granted'],
    // The subject only.
    [{ as: 'subject' }, helperKnown, 'granted'],
    [{ as: 'subject' }, helper, UNKNOWN],
    [{ as: 'subject' }, agentUser, NO_AGENT],
    [{ as: 'subject' }, byItself, NO_AGENT],
    [{ as: 'subject', unknown: 'allow' }, unknown, 'granted'],
    // Clients that may act.
    [{ except: [AGENT] }, helper, 'granted'],
    [{ except: [AGENT.toUpperCase()] }, helperKnown, 'granted'],
    [{ except: [AGENT] }, ada({ azp: AGENT }), 'granted'],
    [{ except: [OTHER] }, helper, NO_AGENT],
    [{ except: [OTHER] }, unknown, UNKNOWN],
    [{ except: [AGENT] }, agentUser, NO_AGENT],
    [{ except: [AGENT], as: 'actor' }, agentUser, NO_AGENT],
    [{ except: [AGENT], as: 'actor' }, helper, 'granted'],
    [{ except: [AGENT], unknown: 'allow' }, byItself, NO_AGENT],
  ])('%j %#', (options, auth, expected) => {
    expect(verdict(noAgents(options), auth)).toBe(expected);
  });

  it.each<[unknown, string]>([
    [{ as: 'both' }, "noAgents() was given as: both. Use 'actor', 'subject' or 'either'."],
    [{ as: '__proto__' }, 'noAgents() was given as: __proto__.'],
    [{ except: [] }, 'noAgents() was given except: []. List at least one client'],
    [{ except: AGENT }, 'noAgents() was given except: a9e27000'],
    [{ except: ['editor'] }, 'noAgents() was given editor, which is not a GUID.'],
    [{ except: [AGENT], as: 'subject' }, "noAgents({ as: 'subject' }) was given except"],
    [{ unknown: 'maybe' }, 'noAgents() was given unknown: maybe.'],
    [{ actor: true }, "noAgents() does not know the option 'actor'. Known: as, except, unknown."],
  ])('refuses %j', (options, expected) => {
    expect(configurationSentence(() => noAgents(options as NoAgentsOptions))).toContain(expected);
  });
});

describe('agents', () => {
  const listed = { identities: [AGENT], blueprints: [BLUEPRINT] };
  it.each<[AgentsOptions, AuthContext, string]>([
    [{}, helper, 'granted'],
    [{}, byItself, 'granted'],
    [{}, person, 'agent_not_allowed: an AI agent'],
    [{}, unknown, UNKNOWN],
    [{ identities: [AGENT.toUpperCase()] }, helper, 'granted'],
    [{ identities: [AGENT] }, byItself, 'granted'],
    [{ identities: [AGENT] }, ada({ azp: AGENT }), UNKNOWN],
    [
      { identities: [AGENT] },
      ada({ azp: AGENT, xms_act_fct: '1', xms_sub_fct: '1' }),
      'agent_not_allowed: an AI agent',
    ],
    [{ identities: [OTHER] }, helper, 'agent_not_allowed: one of the listed agents'],
    [{ blueprints: [BLUEPRINT] }, helper, 'granted'],
    [{ blueprints: [OTHER] }, helper, 'agent_not_allowed: an agent of one of the listed blueprints'],
    [{ blueprints: [BLUEPRINT] }, helperKnown, 'agent_not_allowed: an agent of one of the listed blueprints'],
    // Both have to hold: a further option never lets more in.
    [listed, helper, 'granted'],
    [listed, helperKnown, 'agent_not_allowed: an agent of one of the listed blueprints'],
    [{ ...listed, identities: [OTHER] }, helper, 'agent_not_allowed: one of the listed agents'],
    [
      { ...listed, blueprints: [OTHER] },
      helper,
      'agent_not_allowed: an agent of one of the listed blueprints',
    ],
  ])('%j %#', (options, auth, expected) => {
    expect(verdict(agents(options), auth)).toBe(expected);
  });

  it('names the claim that a token lacks', () => {
    const asked = (options: AgentsOptions, auth: AuthContext) => evaluate(allOf(read, agents(options)), auth);
    expect(asked({}, unknown)).toMatchObject({ claim: 'xms_act_fct' });
    expect(asked({ blueprints: [BLUEPRINT] }, helperKnown)).toMatchObject({ claim: 'xms_par_app_azp' });
    expect(asked({ blueprints: [OTHER] }, helper)).not.toHaveProperty('claim');
  });

  it.each<[unknown, string]>([
    [{ identities: [] }, 'agents() was given identities: []. List at least one agent identity'],
    [{ blueprints: 'x' }, 'agents() was given blueprints: x.'],
    [{ blueprint: BLUEPRINT }, "agents() does not know the option 'blueprint'."],
  ])('refuses %j', (options, expected) => {
    expect(configurationSentence(() => agents(options as AgentsOptions))).toContain(expected);
  });

  it('is not enough alone', () => {
    expect(configurationSentence(() => allOf(agents() as never))).toContain('grants nothing');
  });
});

describe('whenAgent', () => {
  const never = whenAgent(clients(OTHER));
  const refusedClient = 'client_not_allowed: ';
  it.each<[Narrowing, AuthContext, string]>([
    [never, person, 'granted'],
    [never, helper, refusedClient],
    [never, agentUser, refusedClient],
    [never, byItself, refusedClient],
    [never, unknown, refusedClient],
    [never, ada({ xms_act_fct: '1' }), refusedClient],
    [whenAgent(clients(OTHER), { unknown: 'agent' }), unknown, refusedClient],
    [whenAgent(clients(OTHER), { unknown: 'human' }), unknown, 'granted'],
    [whenAgent(clients(OTHER), { unknown: 'human' }), helper, refusedClient],
    [whenAgent(clients(AGENT)), helper, 'granted'],
  ])('%s %#', (narrowing, auth, expected) => {
    expect(verdict(narrowing, auth).startsWith(expected)).toBe(true);
  });

  it('says nothing of who may call at all', () => {
    const requirement = allOf(whatAppsHold, whenAgent(withoutUserRoles('Payroll.Admin')));
    expect(requirement.callers).toBe('app');
    expect(allOf(read, whenAgent(agents())).leavesScopeOpen).toBe(false);
    expect(scopesIn(allOf(read, whenAgent(agents())))).toEqual(['Orders.Read']);
  });

  it('carries the reasons of what it holds', () => {
    expect(whenAgent(agents().because('only ours')).reasons).toEqual(['only ours']);
  });

  it('needs the claims that tell of agents, and those of what it holds', () => {
    const claims = ['auth_time', 'xms_act_fct', 'xms_par_app_azp', 'xms_sub_fct'];
    expect(allOf(read, whenAgent(signedInWithin('8h'))).optionalClaims).toEqual(claims);
  });

  it.each<[unknown, WhenAgentOptions, string]>([
    [read, {}, "whenAgent(...) was given scopes('Orders.Read'), which is not a narrowing"],
    [allOf(read, agents()), {}, 'which is not a narrowing that it can apply.'],
    [whenAgent(agents()), {}, 'which is not a narrowing that it can apply.'],
    ['agents', {}, "whenAgent(...) was given the string 'agents' instead of a requirement."],
    [agents(), { unknown: 'deny' } as never, "whenAgent() was given unknown: deny. Use 'agent' or 'human'."],
    [agents(), { other: 1 } as never, "whenAgent() does not know the option 'other'."],
  ])('refuses %s', (narrowing, options, expected) => {
    expect(configurationSentence(() => whenAgent(narrowing as Narrowing, options))).toContain(expected);
  });

  it('holds a check, whose function counts', () => {
    const [one, two] = [() => true, () => true].map((test) => allOf(read, whenAgent(check('c', test))));
    expect(one?.equals(one)).toBe(true);
    expect(one?.equals(two as typeof read)).toBe(false);
  });
});

describe('text and JSON', () => {
  it.each([
    'noAgents()',
    "noAgents({ as: 'actor', unknown: 'allow' })",
    `noAgents({ as: 'actor', except: ['${AGENT}', '${OTHER}'] })`,
    "noAgents({ as: 'subject' })",
    'agents()',
    `agents({ identities: ['${AGENT}'] })`,
    `agents({ identities: ['${AGENT}'], blueprints: ['${BLUEPRINT}'] })`,
    'whenAgent(delegated())',
    "whenAgent(noAgents({ as: 'subject' }), { unknown: 'human' })",
  ])('%s is read as it is written', (text) => {
    const parsed = parseRequirement(text);
    expect(String(parsed)).toBe(text);
    const again = requirementFromJSON(JSON.parse(JSON.stringify(parsed)));
    expect(again.equals(parsed)).toBe(true);
    expect(again.role).toBe('narrowing');
  });

  it.each<[string, string]>([
    ['agents({ identities: [', 'found the end of the text. Expected a text in quotes.'],
    [`agents({ identities: ['${AGENT}' '${OTHER}'] })`, "Expected ',' or ']'."],
    ['agents({ identities: [] })', 'agents() was given identities: [].'],
    ['agents({ identities: [1] })', "found '1'. Expected a text in quotes."],
    ['agents({ identities: [] ', "Expected ',' or '}'."],
    ["whenAgent(scopes('A'))", 'line 1, column 1: whenAgent(...) was given'],
    ['whenAgent(agents(), )', "Expected '{'."],
    ["whenAgent(agents(), { unknown: 'human' }, 1)", 'whenAgent(...) takes nothing else here'],
    ['limit({ calls: 1.5 })', "found '1'."],
  ])('%s is refused', (text, expected) => {
    expect(configurationSentence(() => parseRequirement(text))).toContain(expected);
  });

  it('refuses a list that is not one, in JSON', () => {
    const json = { requirement: { kind: 'agents', identities: AGENT } };
    expect(configurationSentence(() => requirementFromJSON(json))).toContain('not an array');
    const held = { requirement: { kind: 'whenAgent', narrowing: { kind: 'delegated' }, other: 1 } };
    expect(configurationSentence(() => requirementFromJSON(held))).toContain("'other'");
  });
});

describe('an agent that is the caller itself', () => {
  const stale = { auth_time: 1 };
  it.each<[string, Narrowing, AuthContext, boolean]>([
    ['a person is asked to sign in more strongly', authContext('c1'), person, true],
    ['a person for whom an agent acts, too', authContext('c1'), helperKnown, true],
    ['an agent user is not', authContext('c1'), agentUser, false],
    ['a person is asked to sign in again', signedInWithin('1h'), ada({ ...stale, xms_sub_fct: '1' }), true],
    ['an agent user is not, either', signedInWithin('1h'), ada({ ...stale, xms_sub_fct: '13' }), false],
  ])('%s', (_, narrowing, auth, challenged) => {
    const decision = evaluate(allOf(read, narrowing), auth);
    expect(decision.granted).toBe(false);
    expect(Object.hasOwn(decision, 'stepUp')).toBe(challenged);
  });
});

describe('agentKey', () => {
  it('tells apart tenants, agents, and those for whom they act', () => {
    const bob = ada({ azp: AGENT, oid: '00000000-0000-4000-8000-0000000000b0' });
    const keys = [helper, ada({ azp: OTHER }), bob, byItself].map(agentKey);
    expect(new Set(keys).size).toBe(4);
    expect(agentKey(helper)).toBe(agentKey(helperKnown));
    expect(agentKey(helper)).toContain(AGENT);
  });
});

describe('what counts calls stays outside', () => {
  it('of tighten(...), which takes whenAgent(...) all the same', () => {
    const until = new Date('2090-01-01');
    const next = allOf(read, delegated(), whenAgent(clients(OTHER)));
    expect(String(tighten(read, next, { until }))).toContain('whenAgent(');
  });
});
