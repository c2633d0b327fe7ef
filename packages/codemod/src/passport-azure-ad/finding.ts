import type { Node } from '@babel/types';

/** Something that the user should know about a place in the code. */
export interface Finding {
  /** As it is shown: relative to where the command runs. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** `by-hand`: the move is not complete before it is done. `note`: for information. */
  readonly level: 'by-hand' | 'note';
  /** Stable, for scripts. */
  readonly code: FindingCode;
  /** What was found, and why it is left as it is. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}

export type FindingCode =
  | 'sign-in-strategy'
  | 're-export'
  | 'deep-import'
  | 'mocked-module'
  | 'module-used-as-a-whole'
  | 'module-named-elsewhere'
  | 'import-form'
  | 'strategy-used-otherwise'
  | 'strategy-called-without-new'
  | 'options-elsewhere'
  | 'options-spread'
  | 'options-changed'
  | 'client-id-missing'
  | 'option-not-supported'
  | 'option-not-boolean'
  | 'option-value'
  | 'tenants-to-list'
  | 'passport-version'
  | 'passport-missing'
  | 'manifest';

/** A finding without its file. */
export type FindingAt = Omit<Finding, 'file'>;

export function byHand(node: Node, code: FindingCode, message: string, hint: string): FindingAt {
  return { line: lineOf(node), level: 'by-hand', code, message, hint };
}

export function note(node: Node, code: FindingCode, message: string, hint: string): FindingAt {
  return { line: lineOf(node), level: 'note', code, message, hint };
}

const lineOf = ({ loc }: Node): number => loc?.start.line ?? 1;
