import { ConfigurationError } from '@entra-guard/core';
import { graphRoots } from '../graphql/graph-roots.js';
import { otherGuards } from '../guards/guards-seen.js';
import { type HandlerAccess, isOpen } from '../handlers/handler-access.js';
import { gatewaysOf, type Handler } from '../handlers/handler-inventory.js';
import { namedHandlers } from '../handlers/handler-names.js';
import { type Application, isInstalled } from './application.js';
import { connectionRemedy, remediesIn } from './remedies.js';

/** A handler with what it requires, and the line that would cover it where no guard runs. */
export interface Judged {
  readonly handler: Handler;
  readonly access: HandlerAccess | undefined;
  readonly remedy: string | undefined;
}

/** A handler that is open to every caller because no guard runs, and the line that would cover it. */
export interface Uncovered {
  readonly name: string;
  readonly remedy: string;
}

/** Finds the handlers that no guard covers, unless they are declared public. */
export function uncoveredHandlers(app: Application): readonly Uncovered[] {
  const remedyFor = remediesIn(app);
  const judged = namedHandlers(app.modules).map((handler) => {
    const { access } = app.requirements.learn(handler.controller, handler.method, handler.callbacks);
    return { handler, access, remedy: remedyFor(handler, access !== undefined) };
  });
  return gapsAmong(judged, app);
}

/** The gaps among handlers that were judged, and the connections of gateways that nothing guards. */
export function gapsAmong(judged: readonly Judged[], app: Application): readonly Uncovered[] {
  const { modules, settings } = app;
  const isGap = gapsIn(app);
  const gaps = judged.flatMap(({ handler, access, remedy }) =>
    remedy !== undefined && isGap(handler, access) ? [{ name: handler.name, remedy }] : [],
  );
  const remedy = connectionRemedy(app);
  if (remedy === undefined) return gaps;
  const gateways = gatewaysOf(modules).filter(
    (gateway) =>
      isInstalled(settings) || judged.some((one) => one.handler.controller === gateway && !leavesOpen(one)),
  );
  return [...gaps, ...gateways.map((gateway) => ({ name: `${gateway.name} (its connections)`, remedy }))];
}

/** Whether nothing is declared for a handler, or that it is public. */
function leavesOpen({ access }: Judged): boolean {
  return access === undefined || isOpen(access);
}

/** Tells of a handler without a guard whether that is a gap. What is declared public is open in any case. */
function gapsIn({ modules, settings }: Application) {
  const mayBeRoot = graphRoots(modules);
  const othersBefore = otherGuards(modules);
  return (handler: Handler, access: HandlerAccess | undefined): boolean => {
    if (access !== undefined) return !isOpen(access);
    // Without a declaration a nested field is as open as its parent, which is how GraphQL is used; a root has none.
    if (handler.nested && !mayBeRoot(handler)) return false;
    // Where the guard is left to @UseGuards, another guard in front of a handler decides there.
    return isInstalled(settings) || othersBefore(handler).length === 0;
  };
}

/** One error for all handlers that no guard covers, each remedy said once. */
export function uncoveredError(gaps: readonly Uncovered[]): ConfigurationError {
  return new ConfigurationError(uncoveredSentence(gaps), 'Nothing was started.');
}

/** Names all handlers that no guard covers, each remedy once. */
export function uncoveredSentence(gaps: readonly Uncovered[]): string {
  const remedies = [...new Set(gaps.map(({ remedy }) => remedy))];
  const lines = remedies.map((remedy) => {
    const names = gaps.filter((gap) => gap.remedy === remedy).map(({ name }) => name);
    return `\n- ${names.join(', ')}. ${remedy}`;
  });
  return `${gaps.length} ${gaps.length === 1 ? 'place is' : 'places are'} covered by no EntraGuard, so that EVERYBODY gets in:${lines.join('')}\n`;
}
