// Nothing is loaded from elsewhere: no script, style sheet, picture or font, whatever a page links to.
import { filesOf, textOf } from './files.mjs';

const ELSEWHERE = [
  [
    '.html',
    /<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*?\s(?:src|data|srcset)="(?:https?:)?\/\/[^"]*"/gi,
  ],
  ['.html', /<link\b[^>]*?\shref="(?:https?:)?\/\/[^"]*"/gi],
  ['.css', /(?:url\(|@import\s+)["']?(?:https?:)?\/\/[^)"']*/gi],
  [
    '.js',
    /\b(?:fetch|import|importScripts|WebSocket|EventSource|sendBeacon)\(\s*["'`](?:https?|wss?):[^"'`]*/g,
  ],
];

/** @returns one line for each place that loads from another server, and for each font */
export function loadedFromElsewhere() {
  const found = ELSEWHERE.flatMap(([end, pattern]) =>
    filesOf(end).flatMap((name) =>
      [...textOf(name).matchAll(pattern)].map(([text]) => `${name}: loads ${text.slice(0, 120)}`),
    ),
  );
  const fonts = ['.woff', '.woff2', '.ttf', '.otf'].flatMap(filesOf);
  return [...found, ...fonts.map((name) => `${name}: is a font, and the system's are used`)];
}
