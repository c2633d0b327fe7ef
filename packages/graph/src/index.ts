export type { BoundGraph } from './graph/bound-graph.js';
export { type GroupGraph, groupsFromGraph } from './groups/groups-from-graph.js';
export type { LeaverHealth } from './leavers/feed-health.js';
export { type GraphLeavers, graphLeavers } from './leavers/graph-leavers.js';
export { memoryQueue } from './leavers/memory-queue.js';
export type { GraphLeaverOptions } from './leavers/options.js';
export type {
  JobCount,
  LeaverJob,
  LeaverJobs,
  LeaverQueue,
  RememberOptions,
  TakenJob,
} from './leavers/queue.js';
