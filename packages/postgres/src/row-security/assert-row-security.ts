import { ConfigurationError, ownOptions } from '@entra-guard/core';
import { assertKnown } from '@entra-guard/core/mcp';

/** Options of {@link assertRowSecurity}. */
export interface RowSecurityOptions {
  /** The tables whose rows belong to callers, as in SQL: `'orders'`, `'sales.orders'`. At least one. */
  readonly tables: readonly string[];
}

/** What sends a statement with parameters: a `Pool` or a client of `pg`, a `DataSource` of TypeORM; `knex(...)`. */
export type StatementSender =
  | { query(text: string, values: unknown[]): Promise<unknown> }
  | { raw(text: string, values: readonly never[]): PromiseLike<unknown> };

interface Found {
  readonly role: string;
  readonly session: string;
  /** What of entra-guard's functions is missing. */
  readonly missing: readonly string[];
  readonly told: boolean;
  /** Roles that see all rows, and that the application is or can become. */
  readonly above: readonly string[];
  readonly tables: readonly FoundTable[];
}

interface FoundTable {
  readonly name: string;
  readonly kind: string | null;
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly owner: string | null;
  readonly owned: boolean;
}

const FUNCTIONS = [
  'entra.claims()',
  'entra.subject()',
  'entra.kind()',
  'entra.has_scope(text)',
  'entra.has_role(text)',
  'entra.has_user_role(text)',
  'entra.has_app_permission(text)',
  'entra.may_be_agent()',
];

/** A superuser is a member of every role. */
const EXAMINATION = `
select json_build_object(
  'role', current_user,
  'session', session_user,
  'missing', (select coalesce(json_agg(f), '[]') from unnest($2::text[]) f where to_regprocedure(f) is null),
  'told', coalesce(current_setting('entra.claims', true), '') <> '',
  'above', (select coalesce(json_agg(r.rolname order by r.rolname), '[]') from pg_catalog.pg_roles r
    where (r.rolsuper or r.rolbypassrls)
      and (pg_has_role(current_user, r.oid, 'MEMBER') or pg_has_role(session_user, r.oid, 'MEMBER'))),
  'tables', (select json_agg(json_build_object(
      'name', t.name,
      'kind', c.relkind,
      'enabled', coalesce(c.relrowsecurity, false),
      'forced', coalesce(c.relforcerowsecurity, false),
      'owner', pg_get_userbyid(c.relowner),
      'owned', coalesce(pg_has_role(current_user, c.relowner, 'MEMBER') or pg_has_role(session_user, c.relowner, 'MEMBER'), false)
    ) order by t.place)
    from unnest($1::text[]) with ordinality t(name, place)
    left join pg_catalog.pg_class c on c.oid = to_regclass(t.name))
) as found`;

/**
 * Examines, when the application starts, whether row level security holds for its role. Refuses tables where it is not enabled or not
 * forced, a role that owns one of them or can become its owner, a superuser, and a role with BYPASSRLS: PostgreSQL asks no policy then.
 * Also refuses a database without the functions of `entra-guard postgres sql`, and connections that have a caller already.
 *
 * Does not read policies: whether they say the right thing, a test of yours has to tell.
 *
 * @param pool the pool that the application uses, with the role that it uses
 * @throws ConfigurationError that names all that was found, and for options; the errors of the database
 * @see PostgreSQL, section 5.9, row security policies
 */
export async function assertRowSecurity(pool: StatementSender, options: RowSecurityOptions): Promise<void> {
  const tables = tablesIn(options);
  const problems = problemsOf(foundIn(await send(pool, EXAMINATION, [tables, FUNCTIONS])));
  if (problems.length === 0) return;
  throw new ConfigurationError(
    `Row level security does not hold: ${problems.map(({ problem }) => problem).join('; ')}.`,
    [...new Set(problems.map(({ fix }) => fix))].join(' '),
  );
}

function send(sender: StatementSender, text: string, values: unknown[]): PromiseLike<unknown> {
  if (!('raw' in sender)) return sender.query(text, values);
  // Knex numbers no parameters: each has its place.
  const inOrder: unknown[] = [];
  const marked = text.replace(/\$(\d)/g, (_, number: string) => {
    inOrder.push(values[Number(number) - 1]);
    return '?';
  });
  return sender.raw(marked, inOrder as never[]);
}

function tablesIn(given: RowSecurityOptions): string[] {
  const options = ownOptions('assertRowSecurity(...)', given, ['tables']);
  assertKnown('option of assertRowSecurity(...)', options, ['tables']);
  const tables: unknown = options.tables;
  if (
    Array.isArray(tables) &&
    tables.length > 0 &&
    tables.every((name) => typeof name === 'string' && name !== '')
  )
    return [...tables];
  throw new ConfigurationError(
    'assertRowSecurity(...): tables is not a list of names.',
    "Name the tables whose rows belong to callers: { tables: ['orders'] }.",
  );
}

/** `pg` gives an object with rows, TypeORM the rows. */
function foundIn(result: unknown): Found {
  const rows: unknown = Array.isArray(result)
    ? result
    : (result as { readonly rows?: unknown } | undefined)?.rows;
  const found = Array.isArray(rows)
    ? (rows[0] as { readonly found?: unknown } | undefined)?.found
    : undefined;
  if (typeof found === 'object' && found !== null) return found as Found;
  throw new ConfigurationError(
    'assertRowSecurity(...) was given something that gives no rows.',
    'Pass the Pool of pg, knex(...) or the DataSource of TypeORM.',
  );
}

interface Problem {
  readonly problem: string;
  readonly fix: string;
}

function problemsOf({ role, session, missing, told, above, tables }: Found): readonly Problem[] {
  const who = role === session ? role : `${role} (logged in as ${session})`;
  const ofRole = above.map((name) => ({
    problem:
      name === role || name === session
        ? `the role ${name} is a superuser or has BYPASSRLS`
        : `the role ${who} can become ${name}, which is a superuser or has BYPASSRLS`,
    fix: 'Connect as a role for the application alone: create role app login nosuperuser nobypassrls.',
  }));
  const ofFunctions = missing.map((name) => ({
    problem: `the function ${name} is missing`,
    fix: 'Run what "entra-guard postgres sql" prints.',
  }));
  const ofSession = told
    ? [
        {
          problem: 'the connection has a caller before any request',
          fix: 'Remove entra.claims from the settings of the role, the database and the connection, and use no set_config(..., false).',
        },
      ]
    : [];
  return [
    ...ofRole,
    ...ofFunctions,
    ...ofSession,
    ...tables.flatMap((table) => problemsOfTable(table, above.length > 0)),
  ];
}

function problemsOfTable(
  { name, kind, enabled, forced, owner, owned }: FoundTable,
  isAbove: boolean,
): readonly Problem[] {
  if (kind === null) {
    return [{ problem: `the table ${name} is not there`, fix: 'Write the name with its schema, as in SQL.' }];
  }
  if (kind !== 'r' && kind !== 'p') {
    return [
      {
        problem: `${name} is not a table`,
        fix: 'Name the tables. A view asks the policies for its owner, unless it is created with (security_invoker = true), PostgreSQL 15.',
      },
    ];
  }
  return [
    ...(enabled
      ? []
      : [
          {
            problem: `${name} has no row level security`,
            fix: `alter table ${name} enable row level security;`,
          },
        ]),
    ...(forced
      ? []
      : [
          {
            problem: `${name} does not force it on its owner`,
            fix: `alter table ${name} force row level security;`,
          },
        ]),
    // A superuser can become everyone, which is one problem and not many.
    ...(owned && !isAbove
      ? [
          {
            problem: `the application owns ${name}, as ${owner}`,
            fix: 'Have another role own the tables, and grant select, insert, update and delete to that of the application.',
          },
        ]
      : []),
  ];
}
