import { alternativesOf, covers, gained } from './diff/alternatives.js';
import type { Policy, PolicyApp, PolicyRule } from './policy.js';

/** What is allowed in a policy, and deserves a second look. */
export type PolicyWarningCode =
  /** A `**` with a weaker requirement stands above a stronger one: what is forgotten, or misread, falls to the weaker. */
  | 'weaker_rest'
  /** A user could pass without any particular scope, so that any client of the user could act. */
  | 'scope_open'
  /** An application reads paths in another way than most: what is judged may not be what is served. */
  | 'path_exception'
  /** A requirement switches, or has switched. */
  | 'tightens'
  /** The upstream gets the caller's access token. */
  | 'token_passed'
  /** A secret is written into the file. */
  | 'secret_in_file'
  /** There is no test. */
  | 'no_tests';

/** A warning, and its place. */
export interface PolicyWarning {
  readonly code: PolicyWarningCode;
  /** The member that it is about. */
  readonly member: string;
  /** From 1; 0 where it is about the whole file. */
  readonly line: number;
  readonly message: string;
  /** What to change. */
  readonly fix: string;
}

/** Lists what deserves a second look. @param secrets members that hold a secret which stands in the file */
export function warningsOf(
  policy: Omit<Policy, 'warnings'>,
  secrets: readonly string[],
): readonly PolicyWarning[] {
  const warnings = [
    ...policy.apps.flatMap((app) => [...ofApp(app), ...app.rules.flatMap(ofRule), ...weakerRests(app)]),
    ...secrets.map((member) => ({
      code: 'secret_in_file' as const,
      member,
      line: 0,
      message: 'A secret is written into the file.',
      fix: `Take it from the environment: "\${NAME}". Replace the secret, if the file was shared.`,
    })),
  ];
  if (policy.tests.length === 0) {
    warnings.push({
      code: 'no_tests',
      member: 'tests',
      line: 0,
      message: 'The policy has no tests.',
      fix: 'Say what is to be allowed and what refused: tests: [{ GET: /orders, refuse: credentials_missing }].',
    });
  }
  return Object.freeze(warnings.map((warning) => Object.freeze(warning)));
}

function ofApp({ name, encodedSlashes, pathParameters, passToken }: PolicyApp): PolicyWarning[] {
  const about = (member: string, code: PolicyWarningCode, message: string, fix: string): PolicyWarning => ({
    code,
    member: `apps.${name}.${member}`,
    line: 0,
    message,
    fix,
  });
  return [
    ...(encodedSlashes === undefined
      ? []
      : [
          about(
            'encodedSlashes',
            'path_exception',
            'Paths with %2F are let in. An upstream, or a server in between, that decodes it serves another path than was judged.',
            'Leave it out, unless the upstream needs %2F inside of a segment and never decodes it.',
          ),
        ]),
    ...(pathParameters === undefined
      ? []
      : [
          about(
            'pathParameters',
            'path_exception',
            'Paths with ; are let in. An upstream that takes it for a parameter, as Tomcat does, serves another path than was judged.',
            'Leave it out, unless the upstream takes ; for a character like any other.',
          ),
        ]),
    ...(passToken
      ? [
          about(
            'passToken',
            'token_passed',
            "The upstream gets the caller's access token, and may use it wherever it is accepted.",
            'Leave it out, unless the upstream validates the token itself. The assertion says who the caller is.',
          ),
        ]
      : []),
  ];
}

function ofRule(rule: PolicyRule): readonly PolicyWarning[] {
  const { requirement } = rule;
  const warnings: PolicyWarning[] = [];
  if (requirement.leavesScopeOpen) {
    warnings.push(
      about(
        rule,
        'scope_open',
        `${requirement} lets users in without any particular scope, so that any client of theirs may act.`,
        `Name one: allOf(scopes('…'), …).`,
      ),
    );
  }
  for (const { until } of requirement.tightenings) {
    warnings.push(
      about(
        rule,
        'tightens',
        `The requirement switches at ${until}.`,
        'Write the second requirement alone when that time has come.',
      ),
    );
  }
  return warnings;
}

function about(
  { app, path, line }: PolicyRule,
  code: PolicyWarningCode,
  message: string,
  fix: string,
): PolicyWarning {
  return { code, member: `apps.${app} ${path}`, line, message, fix };
}

/** Finds each `**` that lets in more callers than a rule below it, for a method of both. */
function weakerRests({ rules }: PolicyApp): readonly PolicyWarning[] {
  return rules
    .filter(({ path }) => path.endsWith('/**'))
    .flatMap((rest) => {
      const below = rules.find((rule) => rule !== rest && isBelow(rule, rest) && isWeaker(rest, rule));
      if (below === undefined) return [];
      return [
        about(
          rest,
          'weaker_rest',
          `${rest.path} requires less than ${below.path} (line ${below.line}) below it: a path that a rule forgets falls to the weaker one.`,
          'Require the most for **, and open single paths below it.',
        ),
      ];
    });
}

function isBelow(rule: PolicyRule, { path, methods }: PolicyRule): boolean {
  return (
    `${rule.path}/`.startsWith(path.slice(0, -2)) && rule.methods.some((method) => methods.includes(method))
  );
}

function isWeaker(rest: PolicyRule, rule: PolicyRule): boolean {
  const [wide, narrow] = [rest, rule].map(({ requirement }) => alternativesOf(requirement.node, 0)) as [
    ReturnType<typeof alternativesOf>,
    ReturnType<typeof alternativesOf>,
  ];
  const coversAll = narrow.every((way) => wide.some((one) => covers(one, way)));
  return coversAll && gained(narrow, wide).length > 0;
}
