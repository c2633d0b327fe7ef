import { type PathReading, readSegment } from './request-path.js';

/** A segment of a pattern: a literal, `{name}` for one segment, or `**` for all the rest, also for none. */
export type PatternSegment =
  | { readonly kind: 'literal'; readonly text: string; readonly spelling: string }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'rest' };

/** Why a text is not a pattern. */
export interface PatternProblem {
  readonly found: string;
  readonly expected: string;
}

/** More segments than any pattern that a person writes. */
const MOST_SEGMENTS = 32;

/**
 * Reads the pattern of a rule: `/orders/{id}`, `/orders/**`. Its literals are read like those of requests.
 *
 * @returns what is wrong, where it is not a pattern
 */
export function readPattern(
  pattern: string,
  reading: PathReading,
): readonly PatternSegment[] | PatternProblem {
  if (!pattern.startsWith('/')) return { found: 'a path without a slash in front', expected: '/orders/{id}' };
  if (pattern === '/') return [];
  const parts = pattern.slice(1).split('/');
  if (parts.length > MOST_SEGMENTS) {
    return { found: `${parts.length} segments`, expected: `at most ${MOST_SEGMENTS}` };
  }
  if (parts.at(-1) === '') {
    return {
      found: 'a slash at the end',
      expected: 'the path without it: a trailing slash never matters. All below it is /**',
    };
  }
  const segments: PatternSegment[] = [];
  const names = new Set<string>();
  for (const [index, part] of parts.entries()) {
    const segment = segmentOf(part, index === parts.length - 1, reading);
    if ('found' in segment) return segment;
    if (segment.kind === 'parameter') {
      if (names.has(segment.name)) {
        return { found: `{${segment.name}} for the second time`, expected: 'a name for each' };
      }
      names.add(segment.name);
    }
    segments.push(segment);
  }
  return segments;
}

function segmentOf(part: string, last: boolean, reading: PathReading): PatternSegment | PatternProblem {
  if (part === '**') {
    return last
      ? { kind: 'rest' }
      : { found: '** before the end', expected: '** as the last segment only; {name} is any one segment' };
  }
  const [, name] = /^\{([A-Za-z][A-Za-z0-9_]*)\}$/.exec(part) ?? [];
  if (name !== undefined) return { kind: 'parameter', name };
  if (part.startsWith(':')) {
    return { found: `'${part}'`, expected: `{${part.slice(1) || 'name'}} for any one segment` };
  }
  if (/[{}*]/.test(part)) {
    return {
      found: `'${part}'`,
      expected: 'a literal, {name} for a whole segment, or ** for the rest. There are no other wildcards',
    };
  }
  // As a client would send it. Text that is not well-formed can't be sent.
  const sent = part.isWellFormed() ? part.replace(/[^\0-\x7f]+/g, encodeURIComponent) : '\0';
  if (!/^[!$%&'()+,\-.0-9:;=@A-Z[\]_a-z~]*$/.test(sent)) {
    return { found: `'${part}', which no request can have`, expected: 'the segment as it stands in a URL' };
  }
  const segment = readSegment(sent, reading);
  return typeof segment === 'string'
    ? { found: `'${part}', which no request can have (${segment})`, expected: 'a canonical path' }
    : { kind: 'literal', ...segment };
}

/** A path that a pattern matches, for people. */
export function exampleOf(segments: readonly PatternSegment[]): string {
  const parts = segments.map((segment, index) => {
    if (segment.kind === 'literal') return segment.text;
    return segment.kind === 'rest' ? 'any' : `any${index + 1}`;
  });
  return `/${parts.join('/')}`;
}
