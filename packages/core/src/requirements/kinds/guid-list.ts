import { ConfigurationError } from '../../base/errors.js';
import { quoted, sorted } from './values.js';

interface ListNode {
  readonly kind: string;
  readonly values: readonly string[];
}

/**
 * Several lists of accepted values inside one `allOf` leave what is in all of them.
 *
 * @throws ConfigurationError where nothing is
 */
export function intersected<N extends ListNode>(nodes: readonly N[]): readonly N[] {
  const [first, ...others] = nodes as readonly [N, ...N[]];
  const values = first.values.filter((value) => others.every((other) => other.values.includes(value)));
  if (values.length > 0) return [Object.freeze({ ...first, values: sorted(values) })];
  throw new ConfigurationError(
    `${nodes.map((node) => `${node.kind}(${quoted(node.values)})`).join(' and ')} have nothing in common: no token can satisfy both.`,
    'Write one list with every accepted value.',
  );
}
