/** The release that writes an entry, so that one that can't be read names it. A test compares it with package.json. */
export const WRITER = '@entra-guard/redis 0.1';
