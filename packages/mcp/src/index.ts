/** The revisions of the Model Context Protocol that this package knows, the newest last. */
export const PROTOCOL_VERSIONS = Object.freeze(['2025-06-18', '2025-11-25', '2026-07-28'] as const);
