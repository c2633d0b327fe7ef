// Beside the front door: a service that writes no document doesn't load what writes it.
export {
  createGuardedDocument,
  type GuardedDocumentOptions,
  type GuardedParts,
  type GuardedPath,
  type OpenApiDocument,
} from './guarded-document.js';
