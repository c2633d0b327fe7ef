import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOST, policyOf } from './policy-of.js';

const segment = fc.constantFrom('a', 'b', '{x}');
const pattern = fc.tuple(fc.array(segment, { maxLength: 4 }), fc.boolean()).map(([parts, rest]) => {
  const named = parts.map((part, index) => (part === '{x}' ? `{x${index}}` : part));
  return `/${[...named, ...(rest ? ['**'] : [])].join('/')}`;
});
const path = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);

const partsOf = (text: string): readonly string[] => text.split('/').filter((part) => part !== '');
const isParameter = (part: string): boolean => part.startsWith('{');

/** Says whether a pattern matches a path, as a person would: segment by segment. */
function doesMatch(text: string, asked: string): boolean {
  const [wanted, given] = [partsOf(text), partsOf(asked)];
  if (wanted.at(-1) === '**') {
    const fixed = wanted.slice(0, -1);
    return given.length >= fixed.length && fixed.every((part, at) => isParameter(part) || part === given[at]);
  }
  return (
    given.length === wanted.length && wanted.every((part, at) => isParameter(part) || part === given[at])
  );
}

/** Ranks each segment: a literal or the end is 2, a parameter 1, the rest 0. */
const ranks = (text: string): readonly number[] => [
  ...partsOf(text).map((part) => (part === '**' ? 0 : isParameter(part) ? 1 : 2)),
  ...(text.endsWith('/**') ? [] : [2]),
];

function moreSpecific(one: string, other: string): boolean {
  const [first, second] = [ranks(one), ranks(other)];
  const at = first.findIndex((rank, index) => rank !== second[index]);
  return at >= 0 && (first[at] as number) > (second[at] ?? -1);
}

/** Patterns that match the same paths are one. */
const shapeOf = (text: string): string => text.replaceAll(/\{[^}]*\}/g, '{}');

const patterns = fc.uniqueArray(pattern, { minLength: 1, maxLength: 8, selector: shapeOf });

describe('the rule that decides', () => {
  it('is the most specific of all that match, whatever the order', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(patterns, path, fc.boolean(), (list, asked, reversed) => {
        const order = reversed ? [...list].reverse() : list;
        const policy = policyOf(order.map((one) => `GET ${one} scopes('A')`));
        const found = policy.match({ host: HOST, method: 'GET', path: asked }).rule?.path;
        const matching = list.filter((one) => doesMatch(one, asked));
        if (found === undefined) return matching.length === 0;
        return matching.includes(found) && matching.every((one) => one === found || moreSpecific(found, one));
      }),
      { numRuns: 400, seed: 210 },
    );
  });

  it('is the most specific one that has the method', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(patterns, path, fc.integer({ min: 0, max: 255 }), (list, asked, posts) => {
        const policy = policyOf(
          list.map((one, at) => `${(posts >> at) & 1 ? 'POST' : 'GET'} ${one} scopes('A')`),
        );
        const { rule, error } = policy.match({ host: HOST, method: 'POST', path: asked });
        const matching = list.filter((one) => doesMatch(one, asked));
        const having = matching.filter((one) => (posts >> list.indexOf(one)) & 1);
        if (rule === undefined) {
          const code = matching.length === 0 ? 'no_requirement' : 'method_not_allowed';
          return having.length === 0 && error?.code === code;
        }
        return (
          having.includes(rule.path) &&
          having.every((one) => one === rule.path || moreSpecific(rule.path, one))
        );
      }),
      { numRuns: 400, seed: 211 },
    );
  });

  it('is one: two patterns that match the same paths are refused', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(pattern, (one) => {
        const other = one.replaceAll('{x', '{y');
        expect(() => policyOf([`GET ${one} scopes('A')`, `GET ${other} scopes('B')`])).toThrow(
          'both match GET',
        );
      }),
      { numRuns: 100, seed: 212 },
    );
  });
});
