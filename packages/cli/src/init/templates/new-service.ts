import { FIRST_SCOPE } from './scope.js';

/** The files of a new service that are the same for each framework. */
export function commonFiles(
  name: string,
  main: string,
  test: string,
  decorators: boolean,
): Record<string, string> {
  return {
    'package.json': json({
      name,
      version: '0.1.0',
      private: true,
      type: 'module',
      engines: { node: '>=20.19.0' },
      scripts: {
        build: 'tsc',
        start: `node dist/${main}.js`,
        test: `tsc && node --test dist/${test}.js`,
        'entra:local': 'entra-guard local',
      },
    }),
    'tsconfig.json': json({
      compilerOptions: {
        target: 'es2023',
        module: 'nodenext',
        rootDir: 'src',
        outDir: 'dist',
        strict: true,
        skipLibCheck: true,
        types: ['node'],
        ...(decorators ? { experimentalDecorators: true, emitDecoratorMetadata: true } : {}),
      },
      include: ['src'],
    }),
    '.gitignore': 'node_modules/\ndist/\n.env\n',
    'README.md': readme(name),
  };
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

function readme(name: string): string {
  return `# ${name}

An API that accepts access tokens of Microsoft Entra ID. \`GET /me\` requires the scope \`${FIRST_SCOPE}\`; \`GET /health\` is open.

\`\`\`bash
npm test                # with tokens of a local Entra: no tenant, no network
npm run entra:local     # a local Entra for development; it prints the settings that the API needs
\`\`\`

With a tenant, set the two IDs from the overview of the API's app registration:

\`\`\`bash
npm run build
ENTRA_GUARD_TENANT_ID=… ENTRA_GUARD_CLIENT_ID=… npm start
\`\`\`

What the API offers is in \`src/entra-permissions.ts\`. Replace each TODO before you make the app registration of it
(\`npx entra-guard manifest\`).
`;
}
