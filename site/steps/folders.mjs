import { fileURLToPath } from 'node:url';

/** The root folder of the repository, and the folder of the site in it. */
export const repository = fileURLToPath(new URL('../..', import.meta.url));
export const site = fileURLToPath(new URL('..', import.meta.url));
/** Where pages are gathered for VitePress, and where it writes the site. Both are ignored by git. */
export const gathered = fileURLToPath(new URL('../generated/pages', import.meta.url));
export const built = fileURLToPath(new URL('../dist', import.meta.url));
