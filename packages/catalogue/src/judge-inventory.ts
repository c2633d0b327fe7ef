import type { Catalogue, ExposedHandler, PermissionUse, UsedPermission } from '@entra-guard/core';
import type { InventoryEntry } from './inventory.js';
import { placeholdersIn } from './placeholders.js';

/** The kind of a warning. A code never changes its meaning. */
export type InventoryWarningCode =
  | 'no_requirement'
  | 'other_guard'
  | 'public'
  | 'scope_left_open'
  | 'permission_unused'
  | 'permission_unknown'
  | 'permission_over_broad'
  | 'role_for_both'
  | 'no_delegated_twin'
  | 'no_application_twin'
  | 'placeholder';

/** Something to check in an inventory. */
export interface InventoryWarning {
  readonly code: InventoryWarningCode;
  /** The handler's place or the permission's value. */
  readonly subject: string;
  readonly message: string;
  /** What to change, and where. */
  readonly fix: string;
}

/** Lists the warnings of an inventory: of handlers first, in its order, then of permissions. */
export function judgeInventory(
  exposed: readonly ExposedHandler[],
  entries: readonly InventoryEntry[],
  catalogues: readonly Catalogue[],
): readonly InventoryWarning[] {
  const used = distinct(entries.flatMap(({ permissions }) => permissions));
  const known = distinct(catalogues.flatMap(permissionsOf));
  const retired = new Set(
    catalogues.flatMap(({ scopes, appRoles }) =>
      [...scopes, ...appRoles].filter(({ enabled }) => !enabled).map(({ value }) => value),
    ),
  );
  const offered = catalogues.length === 0 ? used : known;
  return [
    ...entries.flatMap(judgeEntry),
    ...exposed.flatMap(judgeScopes),
    ...(catalogues.length === 0 ? [] : used.filter((one) => !known.some(same(one))).map(unknown(known))),
    ...known.filter((one) => !used.some(same(one)) && !retired.has(one.value)).map(unused),
    ...distinctValues([...offered, ...used]).flatMap(judgeName),
    ...catalogues.flatMap(({ warnings }) =>
      warnings.map(({ permission, ...warning }) => ({ ...warning, subject: permission })),
    ),
    ...withoutTwin(offered),
    ...catalogues.flatMap(toBeFilledIn),
  ];
}

function judgeEntry(entry: InventoryEntry): readonly InventoryWarning[] {
  const subject = placeOf(entry);
  const { access, note = '', reasons } = entry;
  switch (access) {
    case 'open':
      return [
        {
          code: 'no_requirement',
          subject,
          message: `${subject} requires nothing, so every caller may call it: ${note}.`,
          fix: "Put a requirement in front of it: guard.require(scopes('…')), @RequireScopes('…'). To open it on purpose: anonymous().because('…').",
        },
      ];
    case 'denied':
      return [
        {
          code: 'no_requirement',
          subject,
          message: `${subject} refuses every caller: ${note}.`,
          fix: "Say what it requires: @RequireScopes('…'). To open it on purpose: @Public('…').",
        },
      ];
    case 'other-guard':
      return [
        {
          code: 'other_guard',
          subject,
          message: `${subject} is left to another guard, ${note}. Which callers that guard lets in is not known here.`,
          fix: 'Make sure that it decides about every caller. To see its requirement here, move the handler to entra-guard.',
        },
      ];
    case 'optional':
      return [
        {
          code: 'public',
          subject,
          message: `${subject} can be called without a token.`,
          fix: 'Make sure that every caller may do what a caller without a token can do.',
        },
      ];
    case 'public':
      return [
        {
          code: 'public',
          subject,
          message: `${subject} is public: ${withoutPeriod(reasons.join('; ')) || 'no reason is recorded'}.`,
          fix:
            reasons.length > 0
              ? 'Make sure that the reason still holds.'
              : "Record why: anonymous().because('…'), @Public('…').",
        },
      ];
    default:
      return [];
  }
}

function judgeScopes({ access, ...place }: ExposedHandler): readonly InventoryWarning[] {
  if (access.kind !== 'requirement' || !access.requirement.leavesScopeOpen) return [];
  const subject = placeOf(place);
  return [
    {
      code: 'scope_left_open',
      subject,
      message: `${subject} lets users in without any particular scope: any client that they use could act for them.`,
      fix: "Name a scope in addition: allOf(scopes('…'), …).",
    },
  ];
}

const unknown =
  (known: readonly UsedPermission[]) =>
  ({ use, value }: UsedPermission): InventoryWarning => {
    const other = known.find((one) => one.value === value);
    return {
      code: 'permission_unknown',
      subject: value,
      message: `The ${use} '${value}' is required and not in the catalogue${other === undefined ? '' : `, which has it as ${withArticle(other.use)}`}.`,
      fix:
        other === undefined
          ? 'Add it to definePermissions({ … }), or correct the name.'
          : `Require it as ${withArticle(other.use)}, or define it as what is required.`,
    };
  };

function unused({ use, value }: UsedPermission): InventoryWarning {
  return {
    code: 'permission_unused',
    subject: value,
    message: `The ${use} '${value}' is in the catalogue, and no handler requires it.`,
    fix: 'Require it, or retire it with enabled: false. Keep it if services ask for it with authorize(...), which is not seen from here.',
  };
}

/** One warning for each catalogue: right after "entra-guard permissions init" every text is still a placeholder. */
function toBeFilledIn(catalogue: Catalogue): readonly InventoryWarning[] {
  const places = placeholdersIn(catalogue);
  if (places.length === 0) return [];
  return [
    {
      code: 'placeholder',
      subject: catalogue.api,
      message: `The catalogue of ${catalogue.api} still has placeholders: ${places.map(({ place }) => place).join(', ')}.`,
      fix: 'Fill them in. No manifest is printed while the registration would hold a placeholder.',
    },
  ];
}

/** Words that say how much, and not what. */
const TOO_MUCH =
  /^(access[._-]?as[._-]?user|user[._-]?impersonation|impersonate|access|all|any|api|default|everything|admin|root|read|write|readwrite|read[._-]?write|use|user)([._-]?(all|any|access))?$|(^|[._-])full[._-]?(access|control)($|[._-])/i;

function judgeName(value: string): readonly InventoryWarning[] {
  if (!TOO_MUCH.test(value)) return [];
  return [
    {
      code: 'permission_over_broad',
      subject: value,
      message: `'${value}' does not say what it allows: a user who consents to it consents to everything the API will ever do.`,
      fix: "Name the thing and what is done to it: 'Orders.Read', 'Orders.Write'.",
    },
  ];
}

/**
 * What only one kind of caller can do. Where an API has only scopes, or only application permissions, it has chosen its
 * callers, and nothing is missing.
 */
function withoutTwin(offered: readonly UsedPermission[]): readonly InventoryWarning[] {
  const delegated = offered.filter(({ use }) => use === 'scope');
  const application = offered.filter(({ use }) => use === 'application permission');
  if (delegated.length === 0 || application.length === 0) return [];
  const alone = (one: UsedPermission, others: readonly UsedPermission[]): boolean =>
    !others.some(({ value }) => stem(value) === stem(one.value));
  return [
    ...application
      .filter((one) => alone(one, delegated))
      .map(
        ({ value }): InventoryWarning => ({
          code: 'no_delegated_twin',
          subject: value,
          message: `Apps without a user can have '${value}', and no scope allows the same: no app can do it for a user.`,
          fix: `Define the scope '${withoutAll(value)}', or leave it if people never do this.`,
        }),
      ),
    ...delegated
      .filter((one) => alone(one, application))
      .map(
        ({ value }): InventoryWarning => ({
          code: 'no_application_twin',
          subject: value,
          message: `Users can let an app have '${value}', and no application permission allows the same: no daemon can do it.`,
          fix: `Define the app role '${value}.All' for: ['application'], or leave it if no daemon ever does this.`,
        }),
      ),
  ];
}

/** Microsoft's own convention: `Orders.Read` for a user, `Orders.Read.All` for an app. */
const ALL = /[._-]all$/i;
const withoutAll = (value: string): string =>
  ALL.test(value) ? value.replace(ALL, '') : `${value}.Delegated`;
const stem = (value: string): string => value.replace(ALL, '').toLowerCase();

function permissionsOf({ scopes, appRoles }: Catalogue): readonly UsedPermission[] {
  return [
    ...scopes.map(({ value }): UsedPermission => ({ use: 'scope', value })),
    ...appRoles.flatMap((role) =>
      role.for.map(
        (holder): UsedPermission => ({
          use: holder === 'user' ? 'user role' : 'application permission',
          value: role.value,
        }),
      ),
    ),
  ];
}

const same =
  (one: UsedPermission) =>
  ({ use, value }: UsedPermission): boolean =>
    use === one.use && value === one.value;

function distinct(permissions: readonly UsedPermission[]): readonly UsedPermission[] {
  return permissions.filter((one, index) => permissions.findIndex(same(one)) === index);
}

function distinctValues(permissions: readonly UsedPermission[]): readonly string[] {
  return [...new Set(permissions.map(({ value }) => value))];
}

function withArticle(use: PermissionUse): string {
  return use === 'application permission' ? `an ${use}` : `a ${use}`;
}

/** A handler's place for people: `GET /orders (OrdersController.list)`. */
export function placeOf({
  method,
  path,
  handler,
}: Pick<InventoryEntry, 'method' | 'path' | 'handler'>): string {
  return `${method} ${path}${handler === undefined ? '' : ` (${handler})`}`;
}

/** Reasons are sentences or not, as their authors like. */
const withoutPeriod = (text: string): string => text.replace(/\.$/, '');
