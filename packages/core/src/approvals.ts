export { tellApproval } from './approvals/approval-event.js';
export { bindingText, decidedRecord, pendingRecord, requesterText } from './approvals/binding.js';
export { approvalText, type ReadApproval, readApproval } from './approvals/record-text.js';
export {
  type ApprovalAction,
  type ApprovalAnswer,
  type ApprovalHandler,
  type ApprovalRequestOptions,
  ApprovalRequests,
  type ApprovalRouteRequest,
  approvalHandlers,
  readApprovalPath,
} from './guard/approval-requests.js';
export { type Sealing, sealingOf } from './sealing/key-ring.js';
