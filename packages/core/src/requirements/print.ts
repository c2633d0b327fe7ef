import type { RequirementNode } from './node.js';

const quote = (values: readonly string[]): string =>
  values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(', ');

/** The requirement as one would write it in code, in its canonical form: equal requirements print the same. */
export function printNode(node: RequirementNode): string {
  switch (node.kind) {
    case 'anyOf':
    case 'allOf':
      return `${node.kind}(${node.of.map(printNode).join(', ')})`;
    case 'authenticated':
      return node.unassignedApps ? 'authenticated({ unassignedApps: true })' : 'authenticated()';
    case 'members':
    case 'noAgents':
      return node.unknown === 'allow' ? `${node.kind}({ unknown: 'allow' })` : `${node.kind}()`;
    case 'authContext':
      return `authContext('${node.id}')`;
    case 'signedInWithin':
      return `signedInWithin('${printDuration(node.seconds)}')`;
    case 'check':
      return node.otherwise === 'not-found'
        ? `check('${node.name}', { otherwise: 'not-found' })`
        : `check('${node.name}')`;
    case 'delegated':
    case 'appOnly':
    case 'anonymous':
      return `${node.kind}()`;
    default:
      return `${node.kind}(${quote(node.values)})`;
  }
}

function printDuration(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  if (seconds % 60 === 0) return `${seconds / 60}m`;
  return `${seconds}s`;
}
