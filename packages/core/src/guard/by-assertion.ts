import type { AssertionReader } from '../assertion/assertion-validator.js';
import { readAssertion } from '../credential/assertion-header.js';
import type { Identification } from './identification.js';

/** Identifies callers by the assertions of a service that has decided about their requests. */
export function byAssertion(validator: AssertionReader): Identification {
  return {
    readCredential: readAssertion,
    hasTokens: true,
    // A context may be that of several assertions.
    notesTokens: false,
    read(request) {
      const assertion = readAssertion(request);
      return validator.recall(assertion) ?? assertion;
    },
    validate: (assertion) => validator.validate(assertion),
    async admit(request) {
      await validator.open(readAssertion(request));
    },
  };
}
