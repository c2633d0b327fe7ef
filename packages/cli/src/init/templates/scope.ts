/** The scope that new services begin with. Entra's own guides call it so ("Expose an API" in the Entra documentation). */
export const FIRST_SCOPE = 'access_as_user';
