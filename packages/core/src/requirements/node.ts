import type { AuthContext } from '../caller/auth-context.js';

/** What a {@link check} is told. */
export interface CheckContext {
  readonly auth: AuthContext;
  /** The host's request, as the host made it; `undefined` outside a request. */
  readonly request: unknown;
  /** Finds a provider in hosts that have them (NestJS); rejects elsewhere. */
  readonly resolve: <T = unknown>(token: unknown) => Promise<T>;
}

/** The application's own rule; only `true` grants. */
export type CheckFunction = (context: CheckContext) => boolean | Promise<boolean>;

/** Six kinds of permission lists: whose permission, and whether all or any of them are needed. */
export type PermissionKind =
  | 'scopes'
  | 'anyScope'
  | 'appPermissions'
  | 'anyAppPermission'
  | 'userRoles'
  | 'anyUserRole';

export interface PermissionNode {
  readonly kind: PermissionKind;
  readonly values: readonly string[];
}

/** How a narrowing treats a token that does not carry the claim it needs. */
export type Unknown = 'deny' | 'allow';

/** Conditions that only take away; legal beside a grant. */
export type NarrowingNode =
  | { readonly kind: 'delegated' }
  | { readonly kind: 'appOnly' }
  | { readonly kind: 'clients'; readonly values: readonly string[] }
  | { readonly kind: 'inTenants'; readonly values: readonly string[] }
  | { readonly kind: 'members'; readonly unknown: Unknown }
  | { readonly kind: 'noAgents'; readonly unknown: Unknown }
  | { readonly kind: 'authContext'; readonly id: string }
  | { readonly kind: 'signedInWithin'; readonly seconds: number }
  | CheckNode;

export interface CheckNode {
  readonly kind: 'check';
  readonly name: string;
  readonly otherwise: 'forbidden' | 'not-found';
  readonly test: CheckFunction;
}

/** The plain tree behind a requirement: frozen, canonical, and JSON but for a check's function. */
export type RequirementNode =
  | PermissionNode
  | { readonly kind: 'authenticated'; readonly unassignedApps: boolean }
  | { readonly kind: 'anyOf'; readonly of: readonly RequirementNode[] }
  | { readonly kind: 'allOf'; readonly of: readonly RequirementNode[] }
  | NarrowingNode
  | { readonly kind: 'anonymous' };

/** Who can satisfy a node at all: an app acting for a user, an app for itself, or either. */
export type Callers = 'user' | 'app' | 'both' | 'none';

export function isNarrowing(node: RequirementNode): node is NarrowingNode {
  switch (node.kind) {
    case 'delegated':
    case 'appOnly':
    case 'clients':
    case 'inTenants':
    case 'members':
    case 'noAgents':
    case 'authContext':
    case 'signedInWithin':
    case 'check':
      return true;
    default:
      return false;
  }
}

export function isPermission(node: RequirementNode): node is PermissionNode {
  switch (node.kind) {
    case 'scopes':
    case 'anyScope':
    case 'appPermissions':
    case 'anyAppPermission':
    case 'userRoles':
    case 'anyUserRole':
      return true;
    default:
      return false;
  }
}
