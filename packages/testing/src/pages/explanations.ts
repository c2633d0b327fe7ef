import type { AadstsCode } from '../aadsts-codes.js';

/** What a person who sees an AADSTS code has to know. */
export interface Explanation {
  readonly meaning?: string;
  /** The setting of the registration or of the directory that repairs it. */
  readonly repair?: string;
}

const explanations: Readonly<Partial<Record<AadstsCode, Explanation>>> = {
  50011: {
    meaning: 'The application asked for an answer at an address that its registration does not list.',
    repair:
      'Add the address to the redirect URIs of the app registration: Authentication, Redirect URIs, or redirectUris here. It has to be the same, character for character; only the port of localhost may differ.',
  },
  50034: {
    meaning: 'The directory has no such account.',
    repair: 'Sign in with another account, or restore this one.',
  },
  50057: {
    meaning: 'An administrator has disabled the account.',
    repair: 'Enable it in the directory: accountEnabled of the user, or entra.enable(…) here.',
  },
  50105: {
    meaning: 'The application lets only those in who are assigned to it.',
    repair:
      'Assign the user: Enterprise applications, Users and groups, or assignments here. Or turn off “Assignment required” (assignmentRequired).',
  },
  50173: {
    meaning: 'The sessions of the user were revoked after this sign-in.',
    repair: 'Sign in again.',
  },
  53003: {
    meaning: 'A Conditional Access policy blocks this user, and nothing the user does satisfies it.',
    repair: 'Change the policy, or lift it: entra.conditionalAccess(…) returns the function that does.',
  },
  65001: {
    meaning: 'Neither the user nor an administrator has allowed the application to do this.',
    repair:
      'Consent on the page, at /adminconsent for all users, or list the client in api.preAuthorizedApplications.',
  },
  90002: {
    meaning: 'There is no tenant of that name.',
    repair: 'Check the tenant in the address of the request, or declare it: tenants.',
  },
  90094: {
    meaning: 'The application asks for something that only an administrator may allow.',
    repair:
      'Let an administrator consent at /adminconsent. A scope that users may allow has the type User in api.oauth2PermissionScopes. With prompt=consent a user is asked again: the application should leave it out, or userConsent here be true.',
  },
  90102: {
    meaning: 'The redirect URI is not a URL that an answer can be sent to.',
    repair: 'Send an absolute URL as redirect_uri, and register it.',
  },
  900144: {
    meaning: 'The request is incomplete.',
    repair: 'Check how the application builds the address of the sign-in. An OAuth library does it for you.',
  },
  9000411: {
    meaning: 'The request says the same thing twice.',
    repair: 'Check how the application builds the address of the sign-in.',
  },
  700016: {
    meaning: 'No application with this client ID is registered in the tenant.',
    repair:
      'Check the client ID of the application, and the tenant in its authority; or declare the app: apps.',
  },
};

/** Explains an AADSTS code. Both members are missing for one that is not known. */
export function explanationOf(aadsts: AadstsCode): Explanation {
  return explanations[aadsts] ?? {};
}
