export { tellApproval } from './approvals/approval-event.js';
export { bindingText, decidedRecord, pendingRecord, requesterText } from './approvals/binding.js';
export { approvalText, type ReadApproval, readApproval } from './approvals/record-text.js';
export { type Sealing, sealingOf } from './sealing/key-ring.js';
