/** How the keys of jobs go on after the prefix, with the version of what is kept: a release that keeps it otherwise has other keys. */
export const QUEUE = 'queue:1';
