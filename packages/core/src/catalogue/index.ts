export {
  type Inventory,
  type InventoryAccess,
  type InventoryEntry,
  type InventoryOptions,
  takeInventory,
} from './inventory.js';
export type { InventoryWarning, InventoryWarningCode } from './judge-inventory.js';
export type { PermissionUse, UsedPermission } from './used-permissions.js';
