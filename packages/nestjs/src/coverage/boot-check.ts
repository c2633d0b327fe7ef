import { ConfigurationError, type Guard, type Requirement } from '@entra-guard/core';
import { prefixed } from '../handlers/declarations.js';
import type { Handler } from '../handlers/handler-inventory.js';
import { namedHandlers } from '../handlers/handler-names.js';
import { isMcpEndpoint, mcpOfferOf } from '../handlers/mcp-offers.js';
import { hasPart } from '../handlers/parts.js';
import type { Application } from './application.js';
import { warnAtBoot } from './boot-warnings.js';
import { gapsAmong, type Judged, uncoveredError } from './gaps.js';
import { lostDeclarations } from './lost-declarations.js';
import { lostEndpoints } from './lost-endpoints.js';
import { misplacedEntries } from './misplaced-entries.js';
import { remediesIn } from './remedies.js';
import { unservedParameters } from './unserved-parameters.js';

/**
 * Looks at every handler before the first request. Warns of those that are denied because nothing is declared for them, of
 * those that leave the scope open, and of those whose `tighten(...)` switches soon, or has.
 *
 * @param guard the core's, which is told of those that switch, and of those that need a store
 * @throws ConfigurationError for declarations that contradict each other or would be lost, for limits and approvals that the
 *   guard can't judge, and for handlers that no guard covers, unless the option `uncovered` is `'warn'`
 */
export function checkAtBoot(app: Application, guard: Guard): void {
  const { modules, settings, options } = app;
  const handlers = namedHandlers(modules);
  const { judged, contradictions } = judgeAll(handlers, app);
  const gaps = gapsAmong(judged, app);
  const refused = gaps.length > 0 && settings.uncovered !== 'warn';
  const problem = joined([
    ...contradictions,
    ...judged.flatMap((one) => unservedParameters(one, guard)),
    ...lostDeclarations(modules, handlers),
    ...misplacedEntries(options.assignments, handlers),
    ...lostEndpoints(modules, handlers),
    ...(refused ? [uncoveredError(gaps)] : []),
  ]);
  if (problem !== undefined) throw problem;
  // The guard says all that is to be said of a requirement that switches: of a scope left open, too.
  // Of what MCP clients call, EntraMcpModule tells the guard: its approvals are for what a tool is called with.
  const own = judged.filter(({ handler }) => !isForMcp(handler));
  const told = own.flatMap(toldToGuard);
  const others = own.filter((one) => toldToGuard(one).length === 0);
  warnAtBoot(options.log, others, gaps);
  for (const { requirement, name } of told) declareAt(name, requirement, guard);
}

function isForMcp({ type, controller, callbacks }: Handler): boolean {
  return type === 'http' ? isMcpEndpoint(controller) : mcpOfferOf(callbacks[0]) !== undefined;
}

/** What a handler requires, if that becomes another requirement at a point in time, or needs a store of the guard. */
function toldToGuard({ handler, access }: Judged) {
  if (access?.mode !== 'require') return [];
  const { requirement } = access;
  // Another copy of the core may be older, and knows of no switches.
  const { tightenings = [] } = requirement;
  const isTold = tightenings.length > 0 || hasPart(requirement.node, ['limit', 'approval']);
  return isTold ? [{ requirement, name: handler.name }] : [];
}

function declareAt(name: string, requirement: Requirement, guard: Guard): void {
  try {
    guard.declare(requirement, name);
  } catch (error) {
    throw prefixed(name, error);
  }
}

function judgeAll(handlers: readonly Handler[], app: Application) {
  const remedyFor = remediesIn(app);
  const judged: Judged[] = [];
  const contradictions: ConfigurationError[] = [];
  for (const handler of handlers) {
    try {
      const { access } = app.requirements.learn(handler.controller, handler.method, handler.callbacks);
      judged.push({ handler, access, remedy: remedyFor(handler, access !== undefined) });
    } catch (error) {
      const problem = prefixed(handler.name, error);
      if (!ConfigurationError.is(problem)) throw problem;
      contradictions.push(problem);
    }
  }
  return { judged, contradictions };
}

function joined(problems: readonly ConfigurationError[]): ConfigurationError | undefined {
  const [first, ...others] = problems;
  if (first === undefined || others.length === 0) return first;
  const lines = problems.map((problem) => `\n- ${problem.message}`).join('');
  return new ConfigurationError(
    `${problems.length} declarations are invalid:${lines}\n`,
    'Nothing was started.',
  );
}
