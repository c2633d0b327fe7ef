import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * What people call an application: the name and version of the package that its module belongs to, and which export where one
 * was named; without a package the name of the file.
 */
export function applicationName(file: string, exportName: string | undefined): string {
  const name = packageOf(dirname(file)) ?? basename(file);
  return exportName === undefined ? name : `${name} (${exportName})`;
}

function packageOf(folder: string): string | undefined {
  const found = nameIn(join(folder, 'package.json'));
  if (found !== undefined) return found;
  const above = dirname(folder);
  return above === folder ? undefined : packageOf(above);
}

function nameIn(path: string): string | undefined {
  try {
    const { name, version }: { readonly name?: unknown; readonly version?: unknown } = JSON.parse(
      readFileSync(path, 'utf8'),
    );
    // What only says of which kind the modules below are names nothing.
    if (typeof name !== 'string' || name === '') return undefined;
    return typeof version === 'string' && version !== '0.0.0' ? `${name} ${version}` : name;
  } catch {
    return undefined;
  }
}
