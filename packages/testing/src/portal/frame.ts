import { type Html, html } from '../pages/html.js';
import { page } from '../pages/layout.js';

/** The pages of the portal, in the order of its navigation. */
export const sections = [
  { path: '/portal', name: 'Users and groups' },
  { path: '/portal/apps', name: 'Apps and roles' },
  { path: '/portal/access', name: 'Grants and policies' },
  { path: '/portal/token', name: 'Get a token' },
  { path: '/portal/requests', name: 'Latest requests' },
] as const;

export type SectionPath = (typeof sections)[number]['path'];

/** What a page of the portal shows. */
export interface PortalPage {
  readonly path: SectionPath;
  readonly body: Html;
  /** What has just been done, or why it was refused. */
  readonly notice?: Html | undefined;
  readonly status?: number;
}

/** Makes a page of the portal: the navigation, what has just been done, and the section. */
export function portalPage({ path, body, notice, status }: PortalPage): Response {
  const title = sections.find((section) => section.path === path)?.name ?? 'Portal';
  const links = sections.map(
    (section) =>
      html`<li><a href="${section.path}"${section.path === path && html` aria-current="page"`}>${section.name}</a></li>`,
  );
  return page({
    title,
    wide: true,
    ...(status === undefined ? {} : { status }),
    body: html`<nav aria-label="Portal"><ul class="nav">${links}</ul></nav>
${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
${body}`,
  });
}

/** One table with a caption. `empty` stands in its place if there are no rows. */
export function table(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly (Html | string)[])[],
  empty: string,
): Html {
  if (rows.length === 0) return html`<h2>${caption}</h2><p class="soft">${empty}</p>`;
  const cells = (row: readonly (Html | string)[]) =>
    row.map((cell, index) =>
      index === 0
        ? html`<th role="rowheader" scope="row">${cell}</th>`
        : html`<td role="cell" data-label="${headings[index]}">${cell}</td>`,
    );
  // On a phone each row is a block, and CSS takes a table's roles away from what is shown as a block.
  return html`<h2 id="${idOf(caption)}">${caption}</h2>
<table role="table" aria-labelledby="${idOf(caption)}">
<thead role="rowgroup"><tr role="row">${headings.map((one) => html`<th role="columnheader" scope="col">${one}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map((row) => html`<tr role="row">${cells(row)}</tr>`)}</tbody>
</table>`;
}

function idOf(caption: string): string {
  return caption.toLowerCase().replaceAll(/[^a-z]+/g, '-');
}
