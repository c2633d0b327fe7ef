// A separate entry point: a service that writes no document does not load it.
export {
  createGuardedDocument,
  type GuardedDocumentOptions,
  type GuardedParts,
  type GuardedPath,
  type OpenApiDocument,
} from './guarded-document.js';
