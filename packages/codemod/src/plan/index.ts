// For other tools: the plan of a move as a value, which they show and write together with their own changes.
export { patchOf, styledPatch } from '../output/patch.js';
export type { Style } from '../output/style.js';
export type { Finding, FindingCode } from '../passport-azure-ad/finding.js';
export { type Change, type Plan, planMove } from '../passport-azure-ad/plan-move.js';
export type { SourceFile } from '../passport-azure-ad/source-files.js';
