export type { PermissionUse, UsedPermission } from '@entra-guard/core';
export { compareWithRegistration } from './compare-registration.js';
export type { Drift, DriftKind } from './drift.js';
export {
  type Inventory,
  type InventoryAccess,
  type InventoryEntry,
  type InventoryOptions,
  takeInventory,
} from './inventory.js';
export type { InventoryWarning, InventoryWarningCode } from './judge-inventory.js';
export {
  type ApplicationManifest,
  type ManifestAppRole,
  type ManifestOptionalClaim,
  type ManifestOptions,
  type ManifestScope,
  manifestOf,
} from './manifest.js';
export { type ManifestStep, type ManifestStepsOptions, manifestSteps } from './manifest-steps.js';
export { KNOWN_MCP_CLIENTS, type KnownMcpClient, mcpManifestOf } from './mcp-manifest.js';
export { type Placeholder, placeholdersIn } from './placeholders.js';
export { type RegisteredPermission, type Registration, readRegistration } from './registration.js';
