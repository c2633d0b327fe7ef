/** The header that holds an assertion, in small letters: `X-Entra-Assertion`. */
export const ASSERTION_HEADER = 'x-entra-assertion';

/** The header parameter `typ` (RFC 8725 section 3.11): no access token has it. */
export const ASSERTION_TYPE = 'entra-assertion+jwt';

/** The version of what assertions hold. */
export const ASSERTION_VERSION = 1;

/** How long an assertion is valid, in seconds. */
export const ASSERTION_LIFE = 60;

/** The longest life that is accepted, in seconds. */
export const LONGEST_LIFE = 120;

/** Tolerated difference between the clocks of the service and the application, in seconds. */
export const CLOCK_TOLERANCE = 30;
