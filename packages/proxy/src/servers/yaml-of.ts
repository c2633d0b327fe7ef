import { stringify } from 'yaml';

/** A value as YAML. Text that YAML could take for something else is in quotes. */
export function yamlOf(value: object): string {
  return stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN', aliasDuplicateObjects: false });
}
