export type { ApprovalRequestOptions } from '@entra-guard/core/approvals';
export { EntraApprovalsModule } from './approvals/entra-approvals.module.js';
export type {
  EntraApprovalsAsyncOptions,
  EntraApprovalsOptionsFactory,
} from './approvals/entra-approvals.options.js';
