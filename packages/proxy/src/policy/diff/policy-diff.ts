import { METHODS, type Method } from '../match/methods.js';
import { readPattern } from '../match/pattern.js';
import type { Policy, PolicyApp, PolicyRule } from '../policy.js';
import { type Alternative, alternativesOf, byText, gained, inWords } from './alternatives.js';
import { pathClasses } from './path-classes.js';
import { type SettingChange, settingChanges } from './setting-changes.js';

/** Who may send requests of one kind that could not before, and who could and may not any more. */
export interface AccessChange {
  readonly host: string;
  readonly methods: readonly Method[];
  /** A class of paths: `/orders/{any}`, `/orders/**`. */
  readonly path: string;
  /** Who gains, in words: `users with scopes('Orders.Read')`, `every caller, without a token too`. */
  readonly gains: readonly string[];
  /** Who loses, in words. */
  readonly loses: readonly string[];
  /** The requirement that decided; `undefined` where no rule did. */
  readonly before: string | undefined;
  /** The requirement that decides. */
  readonly after: string | undefined;
  /** From when on, where a `tighten(...)` makes the change: ISO 8601. */
  readonly from?: string;
}

/** What two policies decide in different ways. */
export interface PolicyDifference {
  readonly access: readonly AccessChange[];
  /** Members that change who is who, or which path is which. */
  readonly settings: readonly SettingChange[];
  /** Whether a caller gains, or may gain: an unclear change counts. */
  readonly widens: boolean;
  /** Whether everything was compared. If not, it counts as widening. */
  readonly complete: boolean;
}

/** Options of {@link policyDiff}. */
export interface PolicyDiffOptions {
  /** Milliseconds since the epoch, at which the policies are compared. Default `Date.now()`. */
  readonly now?: number;
}

/**
 * Compares two policies in terms of who gains and who loses, host by host, path by path, method by method. What can't be compared
 * is told as a gain and a loss.
 */
export function policyDiff(before: Policy, after: Policy, options: PolicyDiffOptions = {}): PolicyDifference {
  const now = (Object.hasOwn(options, 'now') ? options.now : undefined) ?? Date.now();
  const places = requestPlaces(before, after);
  const access: AccessChange[] = [];
  const told = new Set<string>();
  for (const at of [now, ...switchesAfter(now, [before, after])]) {
    for (const change of changesAt(before, after, places.list, at)) {
      const key = JSON.stringify(change);
      if (told.has(key)) continue;
      told.add(key);
      access.push(at === now ? change : { ...change, from: new Date(at).toISOString() });
    }
  }
  const settings = settingChanges(before, after);
  return Object.freeze({
    access: Object.freeze(access),
    settings,
    complete: places.complete,
    widens:
      !places.complete ||
      access.some(({ gains }) => gains.length > 0) ||
      settings.some(({ widens }) => widens),
  });
}

/** Requests of one kind. */
interface RequestPlace {
  readonly host: string;
  /** A host that is one of them. */
  readonly asked: string;
  readonly name: string;
  readonly path: string;
}

function requestPlaces(before: Policy, after: Policy): { list: readonly RequestPlace[]; complete: boolean } {
  const hosts = [...new Set([before, after].flatMap(({ apps }) => apps.flatMap((app) => app.hosts)))].sort(
    byText,
  );
  let complete = true;
  const list = hosts.flatMap((host) => {
    const asked = host.replace(/^\*/, 'any');
    const apps = [before, after].map((policy) => policy.match({ host: asked, method: 'GET', path: '/' }).app);
    const found = pathClasses(apps.flatMap((app) => (app === undefined ? [] : patternsOf(app))));
    complete &&= found.complete;
    return found.classes.map(({ name, path }) => ({ host, asked, name, path }));
  });
  return { list, complete };
}

function patternsOf(app: PolicyApp) {
  const reading = {
    opaqueSlashes: app.encodedSlashes === 'opaque',
    keptParameters: app.pathParameters === 'keep',
    foldedCase: app.caseInsensitivePaths,
  };
  return app.rules.flatMap(({ path }) => {
    const pattern = readPattern(path, reading);
    return 'found' in pattern ? [] : [pattern];
  });
}

function changesAt(
  before: Policy,
  after: Policy,
  places: readonly RequestPlace[],
  at: number,
): readonly AccessChange[] {
  const merged = new Map<string, AccessChange>();
  for (const { host, asked, name, path } of places) {
    for (const method of METHODS) {
      const [old, current] = [before, after].map(
        (policy) => policy.match({ host: asked, method, path }).rule,
      );
      const [oldWays, ways] = [waysOf(old, at), waysOf(current, at)];
      const gains = gained(oldWays, ways).map(inWords).sort(byText);
      const loses = gained(ways, oldWays).map(inWords).sort(byText);
      if (gains.length === 0 && loses.length === 0) continue;
      const facts = { host, path: name, gains, loses, before: textOf(old), after: textOf(current) };
      const key = JSON.stringify(facts);
      const methods = [...(merged.get(key)?.methods ?? []), method];
      merged.set(key, { ...facts, methods });
    }
  }
  return [...merged.values()];
}

const textOf = (rule: PolicyRule | undefined): string | undefined =>
  rule === undefined ? undefined : String(rule.requirement);

function waysOf(rule: PolicyRule | undefined, at: number): readonly Alternative[] {
  return rule === undefined ? [] : alternativesOf(rule.requirement.node, at);
}

/** When requirements switch, in order. */
function switchesAfter(now: number, policies: readonly Policy[]): readonly number[] {
  const times = policies.flatMap(({ apps }) =>
    apps.flatMap(({ rules }) =>
      rules.flatMap(({ requirement }) => requirement.tightenings.map(({ until }) => Date.parse(until))),
    ),
  );
  return [...new Set(times)].filter((time) => time > now).sort((a, b) => a - b);
}
