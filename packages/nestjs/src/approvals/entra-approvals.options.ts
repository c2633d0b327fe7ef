import type { ApprovalRequestOptions } from '@entra-guard/core/approvals';
import { type AsyncOptions, type AsyncSource, givenOptions } from '../async-options.js';
import { APPROVAL_OPTIONS } from '../entra-guard.tokens.js';

/** Makes the options; for `useClass` and `useExisting`. */
export interface EntraApprovalsOptionsFactory {
  createEntraApprovalsOptions(): ApprovalRequestOptions | Promise<ApprovalRequestOptions>;
}

/** Options of `EntraApprovalsModule.forRootAsync`: exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface EntraApprovalsAsyncOptions
  extends AsyncOptions<ApprovalRequestOptions, EntraApprovalsOptionsFactory> {}

/** Where `forRootAsync` takes its options from. */
export const APPROVAL_SOURCE: AsyncSource<ApprovalRequestOptions, EntraApprovalsOptionsFactory> = {
  module: 'EntraApprovalsModule',
  token: APPROVAL_OPTIONS,
  create: (factory) => factory.createEntraApprovalsOptions(),
  example: '{ origin, allow }',
};

/** @throws ConfigurationError for what is not an object with options */
export function givenApprovalOptions(options: unknown): ApprovalRequestOptions {
  return givenOptions(
    'EntraApprovalsModule',
    options,
    "Import EntraApprovalsModule.forRoot({ origin: 'https://orders.contoso.com', allow: scopes('Approvals.Decide') }). A factory returns an object, too.",
  );
}
