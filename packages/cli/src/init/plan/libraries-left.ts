import type { BearerLibrary } from '../recognise/bearer-library.js';

/** What to do about libraries that validate tokens already: the guard is not put in front of them. */
export function librariesLeft(libraries: readonly BearerLibrary[]): readonly string[] {
  return libraries.map(
    ({ name, guide }) =>
      `${name} validates tokens here already, so no file of the application is edited. Move its routes as ${guide} shows.`,
  );
}
