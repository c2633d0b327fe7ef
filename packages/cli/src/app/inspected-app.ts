import type { ApplicationManifest, Inventory } from '@entra-guard/catalogue';

/** What the process that loads an application is asked. */
export interface InspectionRequest {
  /** Stands in the answer, so that nothing else that the process sends is taken for it. */
  readonly question: string;
  /** Absolute path of the module. */
  readonly file: string;
  /** Which export, with members after dots: `createApp`, `AppModule.with`. Default: the one that looks like it. */
  readonly exportName: string | undefined;
  /** Absolute paths of further modules that export catalogues. */
  readonly catalogues: readonly string[];
  /** What is set where a Nest application is made, and not in its module. */
  readonly paths: PathSettings;
  /** Whether a module that exports catalogues and no application will do. Default `false`. */
  readonly catalogueAlone?: boolean;
}

/** What stands before the paths of a Nest module, where only the module is read. */
export interface PathSettings {
  /** As `app.setGlobalPrefix()` takes it. */
  readonly globalPrefix?: string;
  /** What stands before a version in the path, mostly `v`; absent where versions do not stand there. */
  readonly versionPrefix?: string;
  /** The version of what declares none. */
  readonly defaultVersion?: string;
}

/** What is known of an application once it has been loaded. Plain data: it comes from another process. */
export interface InspectedApp {
  /** `undefined` where only a catalogue was asked for, and there is no application. */
  readonly framework: 'express' | 'nestjs' | 'policy' | undefined;
  /** What people call it. */
  readonly name: string;
  readonly inventory: Inventory;
  /** The manifest of each catalogue of the inventory, in its order. */
  readonly manifests: readonly ApplicationManifest[];
  /** What people should know about how it was loaded. */
  readonly notes: readonly string[];
}

/** What came of it. */
export type InspectionAnswer =
  | { readonly app: Omit<InspectedApp, 'name'> }
  | { readonly problem: { readonly message: string; readonly hint: string } };
