/** The version of policy files that this package reads. */
export const POLICY_VERSION = 1;
