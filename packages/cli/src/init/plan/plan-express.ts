import { hasOldExpress } from '../recognise/framework.js';
import type { Project } from '../recognise/project.js';
import { catalogueTemplate } from '../templates/catalogue.js';
import { asCommonJs } from '../templates/common-js.js';
import { expressGuardTemplate } from '../templates/express-guard.js';
import { expressTestTemplate } from '../templates/express-test.js';
import { editExpressApp } from './edit-express.js';
import { type ExpressApp, findExpressApp } from './express-app.js';
import type { Identifiers } from './identifiers.js';
import type { FileChange, InitPlan } from './init-plan.js';
import { librariesLeft } from './libraries-left.js';
import { missingPackages } from './missing-packages.js';
import { withoutExisting } from './new-file.js';
import { type Place, placeNextTo, usualPlace } from './place.js';
import { addScripts } from './scripts.js';
import { testCommand, testPlan } from './test-plan.js';

const ADAPTER = '@entra-guard/express';

/** Plans what guards an Express service. */
export async function planExpress(project: Project, { clientId }: Identifiers): Promise<InitPlan> {
  const { folder, manifest, packageManager, libraries } = project;
  const found = findExpressApp(project.sources);
  const app = typeof found === 'string' ? undefined : found;
  const place = app === undefined ? usualPlace(project) : placeNextTo(app.file, project);
  const { style } = place;
  const own = (text: string): string => (style.syntax === 'cjs' ? asCommonJs(text) : text);
  const file = (name: string, text: string): FileChange => ({
    path: `${place.folder}${name}.${style.extension}`,
    before: undefined,
    after: own(text),
  });
  const test = testPlan(project, place);
  const editable = app !== undefined && libraries.length === 0;
  const tested = editable ? app : undefined;
  const dotenv = manifest.dependencies.has('dotenv');
  const files = [
    file('entra-permissions', catalogueTemplate(ADAPTER, clientId)),
    file('entra-guard', expressGuardTemplate(style.importEnd, dotenv)),
    {
      path: test.path,
      before: undefined,
      after: own(
        expressTestTemplate(test.frame, {
          language: style.language,
          // Vitest has no require, and interoperates by itself.
          express: test.runner === 'vitest' ? 'default' : (tested?.express ?? 'default'),
          load: loadOf(tested, place, test.runner),
          loadGuard: loadedBy(`./entra-guard${style.importEnd}`, place, test.runner),
        }),
      ),
    },
  ];
  const changes: FileChange[] = [...(await withoutExisting(folder, files))];
  const byHand = [...librariesLeft(libraries)];
  if (app === undefined || !editable) {
    byHand.push(addedByHand(typeof found === 'string' ? found : undefined, place));
  } else {
    changes.push({ path: app.file.path, before: app.file.text, after: editExpressApp(app, style) });
  }
  const scripts = addScripts(manifest, {
    ...(project.testRunner === undefined ? { test: test.script } : {}),
    'test:entra-guard': test.script,
    'entra:local': 'entra-guard local',
  });
  if (typeof scripts === 'string') byHand.push(scripts);
  else if (scripts !== undefined) changes.push(scripts);
  const old = hasOldExpress(project.framework);
  return {
    folder,
    found: `Express${project.framework.version === undefined ? '' : ` ${project.framework.version[0]}`}, ${describe(place)}, ${project.testRunner ?? 'no test runner'}, ${packageManager}`,
    changes,
    packageManager,
    install: missingPackages(project, {
      packages: [ADAPTER, ...(old ? ['express@^4.21.2'] : [])],
      development: ['@entra-guard/testing', '@entra-guard/cli', ...test.development],
    }),
    byHand,
    notes: [
      ...(old
        ? [
            `Express ${project.framework.version?.join('.')} is older than ${ADAPTER} works with: it is raised to the newest 4.x.`,
          ]
        : []),
      ...(tested !== undefined && tested.exported === undefined
        ? [
            `The test goes around ${tested.file.path}: importing it would listen on a port, or gives no application. Export the application from a file that does not listen, and import it in ${test.path}.`,
          ]
        : []),
    ],
    test: testCommand(project, test, scripts),
    readsEnvironment: true,
  };
}

function describe({ style }: Place): string {
  return `${style.language === 'ts' ? 'TypeScript' : 'JavaScript'} (${style.loadedAs === 'esm' ? 'ESM' : 'CommonJS'})`;
}

function addedByHand(why: string | undefined, { folder, style }: Place): string {
  const from = `./${folder}entra-guard${style.importEnd}`;
  return `${why === undefined ? '' : `${why} `}In the file that makes the application, import everyRoute and guard from ${from}; put app.use(everyRoute) above the routes, and guard.assertAllGuarded(app) below the last one.`;
}

/** The expression by which a test gets the application. */
function loadOf(app: ExpressApp | undefined, place: Place, runner: string): string | undefined {
  if (app?.exported === undefined) return undefined;
  const { name, made } = app.exported;
  const base = app.file.path.slice(place.folder.length).replace(/\.[cm]?[jt]s$/, '');
  const from = `./${base}${place.style.importEnd}`;
  const required = isRequired(place, runner);
  const member = name ?? (required ? undefined : 'default');
  const loaded = loadedBy(from, place, runner);
  const whole = member === undefined ? loaded : `(${loaded}).${member}`;
  return made === 'once' ? whole : `${whole}()`;
}

/** Jest loads CommonJS, in which a real `import()` would fail; `require` also gets what Babel or TypeScript have compiled. */
const isRequired = ({ style }: Place, runner: string): boolean =>
  style.syntax === 'cjs' || (runner === 'jest' && style.loadedAs === 'cjs');

function loadedBy(from: string, place: Place, runner: string): string {
  if (!isRequired(place, runner)) return `await import('${from}')`;
  return place.style.language === 'ts'
    ? `require('${from}') as typeof import('${from}')`
    : `require('${from}')`;
}
