/** The setting of PostgreSQL that says who called, for the time of one transaction. */
export const CLAIMS_SETTING = 'entra.claims';
