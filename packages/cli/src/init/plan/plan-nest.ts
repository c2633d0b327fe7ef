import type { Project } from '../recognise/project.js';
import { isTest } from '../recognise/source-file.js';
import { catalogueTemplate } from '../templates/catalogue.js';
import { asCommonJs } from '../templates/common-js.js';
import { nestGuardTemplate } from '../templates/nest-guard.js';
import { nestTestTemplate } from '../templates/nest-test.js';
import { editNestModule } from './edit-nest.js';
import type { Identifiers } from './identifiers.js';
import type { FileChange, InitPlan } from './init-plan.js';
import { librariesLeft } from './libraries-left.js';
import { missingPackages } from './missing-packages.js';
import { findNestModule } from './nest-module.js';
import { withoutExisting } from './new-file.js';
import { placeNextTo, usualPlace } from './place.js';
import { addScripts } from './scripts.js';
import { testCommand, testPlan } from './test-plan.js';

const ADAPTER = '@entra-guard/nestjs';
/** Packages whose modules connect to a server when an application starts. */
const CONNECTING =
  /^(@nestjs\/(typeorm|mongoose|sequelize|bull|bullmq|microservices|mikro-orm)|@prisma\/client|@mikro-orm\/.+|drizzle-orm|ioredis|kafkajs|amqplib)$/;

/** Plans what guards a NestJS service. */
export async function planNest(project: Project, { clientId }: Identifiers): Promise<InitPlan> {
  const { folder, manifest, packageManager, libraries, sources, testRunner } = project;
  const found = findNestModule(sources);
  const root = typeof found === 'string' ? undefined : found;
  const place = root === undefined ? usualPlace(project) : placeNextTo(root.file, project);
  const { style } = place;
  const own = (text: string): string => (style.syntax === 'cjs' ? asCommonJs(text) : text);
  const file = (path: string, text: string): FileChange => ({ path, before: undefined, after: own(text) });
  const edited = root === undefined || libraries.length > 0 ? undefined : editNestModule(root, style);
  const connecting = [...manifest.dependencies.keys()].filter((name) => CONNECTING.test(name));
  const whole = edited !== undefined && root !== undefined && connecting.length === 0;
  const tested = whole
    ? { name: root.name, from: `./${root.file.path.slice(place.folder.length).replace(/\.[cm]?[jt]s$/, '')}` }
    : { name: 'entraGuard', from: './entra-guard' };
  const test = testRunner === undefined || style.language === 'js' ? undefined : testPlan(project, place);
  const files = [
    file(`${place.folder}entra-permissions.${style.extension}`, catalogueTemplate(ADAPTER, clientId)),
    file(`${place.folder}entra-guard.${style.extension}`, nestGuardTemplate(style.importEnd)),
    ...(test === undefined
      ? []
      : [
          file(
            test.path,
            nestTestTemplate(test.frame, { ...tested, from: `${tested.from}${style.importEnd}` }),
          ),
        ]),
  ];
  const changes: FileChange[] = [...(await withoutExisting(folder, files))];
  const byHand = [...librariesLeft(libraries)];
  if (edited !== undefined && root !== undefined) {
    changes.push({ path: root.file.path, before: root.file.text, after: edited });
    byHand.push(...brokenTests(project, root.name));
  } else {
    const why =
      typeof found === 'string'
        ? `${found} `
        : libraries.length === 0
          ? `imports of ${found.name} is not a list that is written out. `
          : '';
    byHand.push(
      `${why}Import entraGuard from ./${place.folder}entra-guard${style.importEnd} in the root module, and add it to its imports.`,
    );
  }
  if (test === undefined) {
    byHand.push(
      'No test was written: the service has neither Jest nor Vitest, or is not in TypeScript. packages/nestjs/README.md shows one.',
    );
  }
  const scripts = addScripts(manifest, {
    ...(test === undefined ? {} : { 'test:entra-guard': test.script }),
    'entra:local': 'entra-guard local',
  });
  if (typeof scripts === 'string') byHand.push(scripts);
  else if (scripts !== undefined) changes.push(scripts);
  return {
    folder,
    found: `NestJS${project.framework.version === undefined ? '' : ` ${project.framework.version[0]}`}, ${style.language === 'ts' ? 'TypeScript' : 'JavaScript'} (${style.loadedAs === 'esm' ? 'ESM' : 'CommonJS'}), ${testRunner ?? 'no test runner'}, ${packageManager}`,
    changes,
    packageManager,
    install: missingPackages(project, {
      packages: [ADAPTER],
      development: [
        '@entra-guard/testing',
        '@entra-guard/cli',
        ...(test === undefined ? [] : ['@nestjs/testing', ...test.development]),
      ],
    }),
    byHand,
    notes:
      edited !== undefined && !whole
        ? [
            `The test starts the guard alone and not ${root?.name}, which may connect to a server (${connecting.join(', ')}).`,
          ]
        : [],
    test: test && testCommand(project, test, scripts),
    readsEnvironment: true,
  };
}

/** Tests that start the whole application: their callers bring no token yet. */
function brokenTests({ sources }: Project, name: string): readonly string[] {
  return sources
    .filter((file) => isTest(file) && file.text.includes(name) && file.text.includes('createTestingModule'))
    .map(
      ({ path }) =>
        `${path} starts ${name} and sends no token. Add .overrideProvider(ENTRA_GUARD_OPTIONS).useValue(entra.options()) and the headers of entra.user(…), as the new test does.`,
    );
}
