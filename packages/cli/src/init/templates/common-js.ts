/** The same module with `require` and `module.exports`, for services in CommonJS. Knows what the templates here use, and no more. */
export function asCommonJs(text: string): string {
  const exported: string[] = [];
  const body = text
    .replace(/^import \{ (.+) \} from ('[^']+');$/gm, 'const { $1 } = require($2);')
    .replace(/^import (\w+) from ('[^']+');$/gm, 'const $1 = require($2);')
    .replace(/^import ('[^']+');$/gm, 'require($1);')
    .replace(/^export const (\w+)/gm, (_, name: string) => {
      exported.push(name);
      return `const ${name}`;
    });
  return exported.length === 0 ? body : `${body}\nmodule.exports = { ${exported.join(', ')} };\n`;
}
