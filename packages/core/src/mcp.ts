export { canonicalDigest } from './base/canonical-json.js';
export { isGuid } from './base/guid.js';
export { printable } from './base/printable.js';
export { valuesOf } from './credential/headers.js';
export { GUARD_ACCESS, type GuardAccess, guardAccessOf, type ServedAuthority } from './guard/guard-access.js';
export { SETTING_NAMES } from './options/guard-settings.js';
export { assertKnown, nearest } from './options/option-readers.js';
export { OPTION_NAMES } from './options/settings.js';
export { type Outlook, outlookOf } from './requirements/outlook.js';
