import type { Manifest } from './manifest.js';

/** A library that validates tokens in the service already, and the guide that leaves it. */
export interface BearerLibrary {
  readonly name: string;
  /** In the repository of this package. */
  readonly guide: string;
}

const LIBRARIES: readonly (BearerLibrary & { readonly needs: readonly string[] })[] = [
  {
    name: 'passport-azure-ad',
    guide: 'docs/migrate-from-passport-azure-ad.md',
    needs: ['passport-azure-ad'],
  },
  {
    name: 'passport-jwt with jwks-rsa',
    guide: 'docs/migrate-from-passport-jwt.md',
    needs: ['passport-jwt', 'jwks-rsa'],
  },
  { name: 'express-jwt', guide: 'docs/migrate-from-express-jwt.md', needs: ['express-jwt'] },
  {
    name: 'express-oauth2-jwt-bearer',
    guide: 'docs/migrate-from-express-oauth2-jwt-bearer.md',
    needs: ['express-oauth2-jwt-bearer'],
  },
];

/** The libraries among the dependencies that validate tokens. */
export function recogniseBearerLibraries({ dependencies }: Manifest): readonly BearerLibrary[] {
  return LIBRARIES.filter(({ needs }) => needs.every((name) => dependencies.has(name))).map(
    ({ name, guide }) => ({ name, guide }),
  );
}
