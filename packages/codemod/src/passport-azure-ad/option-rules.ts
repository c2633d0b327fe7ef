import type { Node } from '@babel/types';
import { textOf } from './syntax/place.js';

/** What happens to an option. Options without a rule stay as they are: the new strategy has them too. */
export type Verdict =
  /** It has no effect, and is removed. */
  | { readonly kind: 'remove'; readonly why: string }
  /** It has to be changed by hand. */
  | {
      readonly kind: 'by-hand';
      readonly code: 'option-not-supported' | 'option-not-boolean' | 'option-value' | 'tenants-to-list';
      readonly message: string;
      readonly hint: string;
    }
  | {
      readonly kind: 'note';
      readonly code: 'option-value' | 'tenants-to-list';
      readonly message: string;
      readonly hint: string;
    };

/** The values of an options object, by name. */
export type Values = ReadonlyMap<string, Node>;

type Rule = (value: Node, all: Values) => Verdict | undefined;

/** By the name of the option. */
export const RULES: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    ['loggingNoPII', 'passReqToCallback', 'legacyResponses'].map((name) => [
      name,
      (value: Node) => notBoolean(name, value),
    ]),
  ),
  isB2C: (value, all) =>
    notBoolean('isB2C', value) ??
    (isTrue(value) && !all.has('policyName')
      ? byHand(
          'isB2C is true, and there is no policyName.',
          'Add the user flow or custom policy: B2C_1_signupsignin.',
        )
      : undefined),
  allowMultiAudiencesInToken: () => ({
    kind: 'remove',
    why: 'allowMultiAudiencesInToken has no effect: Entra writes one audience into every access token.',
  }),
  ignoreExpiration: (value) =>
    isFalsy(value)
      ? { kind: 'remove', why: 'ignoreExpiration is not supported, and is off here.' }
      : {
          kind: 'by-hand',
          code: 'option-not-supported',
          message: 'ignoreExpiration is not supported: a stolen token would be good for ever.',
          hint: 'Remove it. Tests get fresh tokens from @entra-guard/testing.',
        },
  proxy: (value) =>
    isFalsy(value)
      ? { kind: 'remove', why: 'proxy is not supported, and is not set here.' }
      : {
          kind: 'by-hand',
          code: 'option-not-supported',
          message: 'proxy is not supported.',
          hint: 'Give a fetch that goes through it: fetch: (url, init) => fetch(url, { ...init, dispatcher }), with new ProxyAgent(…) of undici as the dispatcher.',
        },
  validateIssuer: (value, all) =>
    notBoolean('validateIssuer', value) ??
    (value.type === 'BooleanLiteral' && !value.value && !all.has('tenants') && !isTrue(all.get('isB2C'))
      ? {
          kind: 'note',
          code: 'tenants-to-list',
          message:
            'validateIssuer is false: every tenant of Entra may call this API, and anyone can create a tenant.',
          hint: "Remove it, and list those that may: tenants: ['…']. If all are meant: tenants: 'any-organization'.",
        }
      : undefined),
  clockSkew: (value) => {
    if (value.type === 'NumericLiteral' && value.value > 300) {
      return byHand(
        `clockSkew is ${value.value}, and at most 300 seconds are accepted.`,
        'Lower it, and set clocks by NTP.',
      );
    }
    if (value.type === 'NumericLiteral' && value.value === 0) {
      return {
        kind: 'note',
        code: 'option-value',
        message: 'clockSkew is 0, which meant 300 seconds, and means none now.',
        hint: 'Write the seconds you mean, such as 60.',
      };
    }
    return isEnvironment(value) || textOf(value) !== undefined
      ? byHand('clockSkew is text, and has to be a number.', 'Write Number(…) around it.')
      : undefined;
  },
  scope: (value) => {
    if (textOf(value) === '') {
      return {
        kind: 'note',
        code: 'option-value',
        message: 'scope is empty, which asks for no scope in particular, as it did.',
        hint: 'Name the scopes in a list, or remove it.',
      };
    }
    if (textOf(value) !== undefined)
      return byHand('scope is text, and has to be a list.', 'Put it into [ and ].');
    if (value.type !== 'ArrayExpression') return undefined;
    if (value.elements.length === 0) {
      return byHand('scope is empty, which the strategy refuses at start.', 'Remove it, or name the scopes.');
    }
    const uri = value.elements.map((element) => textOf(element)).find((text) => text?.includes('://'));
    return uri === undefined
      ? undefined
      : byHand(
          `scope holds ${uri}, which no token carries: scp has short names.`,
          `Write '${uri.slice(uri.lastIndexOf('/') + 1)}'.`,
        );
  },
  issuer: (value, all) => {
    const parts: readonly (Node | null)[] = value.type === 'ArrayExpression' ? value.elements : [value];
    const unfinished = parts.map((one) => placeholderIn(one)).find((one) => one !== undefined);
    if (unfinished !== undefined) return notFilledIn('issuer', unfinished);
    const list = value.type === 'ArrayExpression' ? value.elements.map(textOf) : undefined;
    if (list?.includes('')) return byHand('issuer holds an empty text.', 'Name the issuers, or remove it.');
    const issuers = list ?? [textOf(value) || undefined];
    // What is not written out may name one.
    const named = issuers.some((issuer) => issuer === undefined || HAS_GUID.test(issuer));
    return issuers.length === 0 || named || isTrue(all.get('isB2C'))
      ? undefined
      : byHand(
          'issuer names no tenant by its GUID, as every issuer of Entra does.',
          'Remove it: the issuer follows from identityMetadata. For several tenants there is tenants.',
        );
  },
  audience: (value) => {
    const parts: readonly (Node | null)[] = value.type === 'ArrayExpression' ? value.elements : [value];
    const unfinished = parts.map((one) => placeholderIn(one)).find((one) => one !== undefined);
    if (unfinished !== undefined) return notFilledIn('audience', unfinished);
    if (value.type !== 'ArrayExpression') return undefined;
    if (value.elements.length === 0) {
      return byHand('audience is empty, so that no token is accepted.', 'Remove it, or name the audiences.');
    }
    return value.elements.some((one) => textOf(one) === '' || (one != null && isFalsy(one)))
      ? byHand('audience holds nothing in the place of an audience.', 'Name the audiences, and nothing else.')
      : undefined;
  },
  policyName: (value, all) => {
    const text = textOf(value);
    return isTrue(all.get('isB2C')) && text !== undefined && !POLICY.test(text)
      ? byHand(
          `policyName '${text}' is none of B2C.`,
          'Write the user flow or custom policy: B2C_1_signupsignin.',
        )
      : undefined;
  },
  clientID: (value) => {
    const unfinished = placeholderIn(value);
    if (unfinished !== undefined) return notFilledIn('clientID', unfinished);
    const text = textOf(value);
    if (text !== undefined && !GUID.test(text)) {
      return byHand(
        'clientID is not a GUID.',
        "Write the application (client) ID of this API's registration.",
      );
    }
    const fallback = value.type === 'LogicalExpression' ? textOf(value.right) : undefined;
    return fallback !== undefined && !GUID.test(fallback)
      ? byHand(
          'clientID falls back to text that is not a GUID, which the strategy refuses at start.',
          'Make the strategy only where the ID is set.',
        )
      : undefined;
  },
  loggingLevel: (value) => {
    const text = textOf(value);
    return text === undefined || ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].includes(text)
      ? undefined
      : byHand(
          `loggingLevel '${text}' is not a level that the strategy knows.`,
          "Write 'info', 'warn' or 'error'.",
        );
  },
  identityMetadata: (value, all) => {
    const unfinished = placeholderIn(value) ?? noTenantIn(value);
    if (unfinished !== undefined) return notFilledIn('identityMetadata', unfinished);
    const text = writtenOut(value);
    if (!text.includes(OPEN) && !/^https?:\/\/\S+$/i.test(text)) {
      return byHand(
        'identityMetadata is not a URL.',
        'Write https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration.',
      );
    }
    if (/\/\.well-known\/(?!openid-configuration\/?(\?|$))./.test(text) && !text.endsWith(OPEN)) {
      return byHand(
        'identityMetadata does not end in /.well-known/openid-configuration.',
        'Correct it. With the old strategy each request was refused, or crashed the process.',
      );
    }
    const mayBeMany = !all.has('issuer') && !all.has('tenants') && !isFalse(all.get('validateIssuer'));
    if (text.includes('/organizations/') && mayBeMany) {
      return {
        kind: 'by-hand',
        code: 'tenants-to-list',
        message: 'identityMetadata is /organizations/, which names no issuer that a token could have.',
        hint: "List the accepted tenants: tenants: ['…']. For every organisation there is: tenants: 'any-organization'.",
      };
    }
    return text.includes('/common/') && mayBeMany
      ? {
          kind: 'note',
          code: 'tenants-to-list',
          message:
            'identityMetadata is /common/: passport.authenticate has to be given tenantIdOrName at each request.',
          hint: "Better: list the accepted tenants: tenants: ['…'].",
        }
      : undefined;
  },
};

/** How samples and portals mark what is to be filled in. A placeholder of the program itself stands open here. */
const PLACEHOLDER =
  /enter[-_ ]?(?:the|your)|\b(?:your|insert|replace)[-_ ]|<[^<>]*>|\{[^{}]*\}|0{8}(?:-0{4}){3}-0{12}|x{4,}-x{4}/i;

/** Words that programs are about, in lower case. */
const TO_DO = /\b(?:TODO|TBD|FIXME|CHANGE_?ME)\b/;

function placeholderIn(value: Node | null): string | undefined {
  const parts = value?.type === 'LogicalExpression' ? [value.left, value.right] : [value];
  return parts
    .map((part) => (part === null ? '' : writtenOut(part)))
    .find((text) => PLACEHOLDER.test(text) || TO_DO.test(text));
}

/** A tenant on Microsoft's hosts is a GUID, a domain or an alias: what is neither is refused at start. */
function noTenantIn(value: Node): string | undefined {
  const text = writtenOut(value);
  const [, tenant] =
    /^https:\/\/login\.(?:microsoftonline|windows|partner\.microsoftonline)\.[a-z]+\/([^/]*)\//i.exec(text) ??
    [];
  if (tenant === undefined || tenant.includes(OPEN) || /^(?:te|tfp)$/i.test(tenant)) return undefined;
  const known =
    /^(?:common|organizations|consumers)$/i.test(tenant) ||
    GUID.test(tenant) ||
    /^[^.]+(?:\.[^.]+)+$/.test(tenant);
  return known ? undefined : text;
}

function notFilledIn(name: string, text: string): Verdict {
  return byHand(
    `${name} is '${text}', where something is still to be filled in: the strategy does not start with it, or accepts no token.`,
    'Write what the app registration says: "Directory (tenant) ID", "Application (client) ID".',
  );
}

const HAS_GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const POLICY = /^b2c_1a?_[0-9a-z._-]+$/i;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Stands for what is only known when the program runs. */
const OPEN = '…';

/** The text as far as it is written out: `${…}` and names stand open. */
function writtenOut(value: Node): string {
  switch (value.type) {
    case 'StringLiteral':
      return value.value;
    case 'TemplateLiteral':
      return value.quasis.map(({ value: { raw } }) => raw).join(OPEN);
    case 'BinaryExpression':
      return value.operator === '+' ? writtenOut(value.left) + writtenOut(value.right) : OPEN;
    default:
      return OPEN;
  }
}

function notBoolean(name: string, value: Node): Verdict | undefined {
  if (value.type === 'NumericLiteral') {
    return {
      kind: 'by-hand',
      code: 'option-not-boolean',
      message: `${name} is a number and not a boolean.`,
      hint: 'Write true or false.',
    };
  }
  const text = textOf(value);
  if (text === undefined && !isEnvironment(value)) return undefined;
  // Only `false` itself turned these two off, and only `true` itself turned the others on.
  const was = ['validateIssuer', 'loggingNoPII'].includes(name);
  return {
    kind: 'by-hand',
    code: 'option-not-boolean',
    message: `${name} is text and not a boolean, and was taken for ${was}, whatever it said.`,
    hint:
      text === undefined
        ? `Write ${source(value)} === 'true', if that is what you mean; ${was} is what you had.`
        : `Write ${name}: ${text === 'true' || text === 'false' ? text : was}, if that is what you mean; ${was} is what you had.`,
  };
}

/** `process.env.NAME`: text, or nothing. */
function isEnvironment(value: Node): boolean {
  return value.type === 'MemberExpression' && source(value).startsWith('process.env.');
}

function source(node: Node): string {
  if (node.type === 'Identifier') return node.name;
  if (node.type !== 'MemberExpression') return OPEN;
  const property = node.computed ? (textOf(node.property) ?? OPEN) : source(node.property);
  return `${source(node.object)}.${property}`;
}

const isTrue = (value: Node | undefined): boolean => value?.type === 'BooleanLiteral' && value.value;

const isFalse = (value: Node | undefined): boolean => value?.type === 'BooleanLiteral' && !value.value;

function isFalsy(value: Node): boolean {
  return (
    isFalse(value) ||
    value.type === 'NullLiteral' ||
    (value.type === 'Identifier' && value.name === 'undefined')
  );
}

function byHand(message: string, hint: string): Verdict {
  return { kind: 'by-hand', code: 'option-value', message, hint };
}
