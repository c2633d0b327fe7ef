/** Sorting and searching on the page of an inventory. Runs in the browser, and asks for nothing. */
export const PAGE_SCRIPT = `
(() => {
  const body = document.querySelector('tbody');
  const rows = [...body.rows];
  const search = document.getElementById('search');
  const found = document.getElementById('found');
  const say = () => {
    const shown = rows.filter((row) => !row.hidden).length;
    found.textContent = shown === rows.length ? '' : shown + ' of ' + rows.length;
  };
  search.parentElement.hidden = false;
  search.addEventListener('input', () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    say();
  });
  const heads = [...document.querySelectorAll('thead th')];
  heads.forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const direction = head.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', direction);
      const sign = direction === 'ascending' ? 1 : -1;
      rows.sort((a, b) => sign * a.cells[column].textContent.localeCompare(b.cells[column].textContent));
      body.append(...rows);
    });
  });
})();
`;
