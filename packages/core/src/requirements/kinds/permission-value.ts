import { ConfigurationError } from '../../base/errors.js';
import { isGuid } from '../../base/guid.js';
import { printable } from '../../base/printable.js';

/** Entra: a scope's or role's value has at most 120 of these characters and does not begin with a dot. */
const PERMISSION = /^(?!\.)[0-9A-Za-z:!#$%&'()*+,\-./;<=>?@[\]^_`{|}~]{1,120}$/;

/**
 * Refuses an empty list of permissions, and any value that no token can hold.
 *
 * @param name the builder's
 * @throws ConfigurationError
 */
export function assertPermissions(
  name: string,
  of: 'scopes' | 'roles',
  values: readonly unknown[],
): asserts values is readonly string[] {
  if (values.length === 0) {
    throw new ConfigurationError(
      `${name}() was given nothing.`,
      'Name at least one; an empty list protects nothing.',
    );
  }
  for (const value of values) assertPermission(name, of, value);
}

function assertPermission(name: string, of: 'scopes' | 'roles', value: unknown): void {
  const said = `${name}() was given ${typeof value === 'string' ? `'${printable(value)}'` : printable(value)}`;
  if (typeof value !== 'string' || value === '' || value === 'undefined' || value === 'null') {
    throw new ConfigurationError(
      `${said}.`,
      'Is a constant or an environment variable unset? Name the permission.',
    );
  }
  if (/\s/.test(value)) {
    throw new ConfigurationError(
      `${said}, which holds white space.`,
      `Pass each value on its own: ${name}('A', 'B').`,
    );
  }
  if (value.includes('*')) {
    throw new ConfigurationError(
      `${said}. Entra has no wildcards: '*' would only ever match itself.`,
      'Name each permission.',
    );
  }
  if (of === 'scopes') assertShortScope(name, said, value);
  if (value.includes('://')) {
    throw new ConfigurationError(
      `${said}, a full URI. A token's roles hold the bare value.`,
      `Write ${name}('${lastPart(value)}').`,
    );
  }
  if (!PERMISSION.test(value)) {
    throw new ConfigurationError(
      `${said}, which Entra does not allow as a permission's value.`,
      'At most 120 letters, digits and punctuation, without quotes and backslashes, not beginning with a dot.',
    );
  }
}

function assertShortScope(name: string, said: string, value: string): void {
  if (value === '.default' || value.endsWith('/.default')) {
    throw new ConfigurationError(
      `${said}, which clients ask for but no token holds.`,
      "Name the scope that the token's scp holds, such as 'Orders.Read'.",
    );
  }
  if (value.includes('://') || isGuid(value.split('/')[0])) {
    throw new ConfigurationError(
      `${said}, the name clients ask for. A token's scp holds the short name.`,
      `Write ${name}('${lastPart(value)}').`,
    );
  }
}

const lastPart = (value: string): string => printable(value.slice(value.lastIndexOf('/') + 1));
