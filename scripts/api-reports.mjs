// Compares what each package exports with its committed report, packages/*/etc/*.api.md; `--local` rewrites the reports.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { packages, root, run } from './workspace.mjs';

const rewrite = process.argv.includes('--local');
const temporary = mkdtempSync(join(tmpdir(), 'entra-guard-api-'));
const changed = [];
const failed = [];

for (const { name, folder } of packages) {
  const entry = join(folder, 'dist/esm/index.d.ts');
  const report = join(folder, 'etc', `${name.split('/').at(-1)}.api.md`);
  const shown = relative(root, report);
  if (!existsSync(entry)) {
    failed.push(`${name} is not built: run "pnpm build" first.`);
    continue;
  }
  const current = join(temporary, shown.replaceAll(/[\\/]/g, '-'));
  const problems = extract(folder, entry, current);
  if (problems.length > 0) {
    failed.push(`${name} can't be read:\n  ${problems.join('\n  ')}`);
    continue;
  }
  const before = existsSync(report) ? readFileSync(report, 'utf8') : '';
  const after = readFileSync(current, 'utf8');
  if (before.replaceAll('\r\n', '\n') === after) {
    console.log(`${name}: as reported in ${shown}`);
  } else if (rewrite) {
    mkdirSync(join(folder, 'etc'), { recursive: true });
    writeFileSync(report, after);
    console.log(`${name}: wrote ${shown}`);
  } else {
    changed.push(shown);
    const old = join(temporary, 'committed.api.md');
    writeFileSync(old, before);
    const { output } = await run('git', ['diff', '--no-index', '--no-color', '--', old, current]);
    console.log(`${name}: differs from ${shown}`);
    console.log(output.replace(/^[\s\S]*?(?=^@@)/m, '').trimEnd());
  }
}

rmSync(temporary, { recursive: true, force: true });
for (const problem of failed) console.error(problem);
if (changed.length > 0) {
  console.error(
    `The public API differs from ${changed.join(', ')}. If that is meant, run "pnpm api:update", commit the report with ` +
      'the change, and say in the changeset what it means for users.',
  );
}
process.exitCode = changed.length + failed.length > 0 ? 1 : 0;

/** Writes the report of one package to `destination`; gives the errors that kept it from doing so. */
function extract(folder, entry, destination) {
  const problems = [];
  const scratch = mkdtempSync(join(temporary, 'report-'));
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(folder, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entry,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            lib: ['es2023'],
            module: 'nodenext',
            moduleResolution: 'nodenext',
            strict: true,
            skipLibCheck: true,
            types: ['node'],
          },
          files: [entry],
        },
      },
      apiReport: {
        enabled: true,
        // Types that exported ones are made of are part of the surface too.
        includeForgottenExports: true,
        reportFileName: 'report.api.md',
        reportFolder: scratch,
        reportTempFolder: join(scratch, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        // Everything exported is public, with or without a tag or a comment.
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.None },
          'ae-undocumented': { logLevel: ExtractorLogLevel.None },
          'ae-unresolved-link': { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  mkdirSync(join(scratch, 'temp'));
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback(message) {
      message.handled = true;
      if (message.logLevel === 'error') problems.push(`${message.messageId}: ${message.text}`);
    },
  });
  if (problems.length === 0) writeFileSync(destination, readFileSync(join(scratch, 'report.api.md')));
  return problems;
}
