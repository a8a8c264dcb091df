// SPDX-License-Identifier: Apache-2.0
// Workers, listeners, destinations over the whole time, worst first; a heading sorts.

function sortRows(body, rows, at, up) {
  const order = rows.map((row, place) => ({ row, place, key: row.cells[at] }));
  order.sort((a, b) => {
    const [x, y] = [a.key[2] ?? a.key[0], b.key[2] ?? b.key[0]];
    const less = typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === 'number' ? 1 : -1;
    return (up ? less : -less) || a.place - b.place;
  });
  body.replaceChildren(...order.map(({ row }) => row.element));
}

function rowElement(table, row) {
  return el('tr', { class: row.mark === '!' ? 'trouble' : row.mark === 'x' ? 'ended' : '' },
    row.cells.map(([text, tone], at) => el('td',
      { class: (table.columns[at].text ? 'text ' : '') + tone, title: text.length > 40 ? text : null },
      el('bdi', {}, text))));
}

function tableOf(table) {
  const rows = table.rows.map(row => ({ ...row, element: rowElement(table, row) }));
  const body = el('tbody', {}, rows.map(row => row.element));
  let last = null;
  const headings = table.columns.map((columnOf, at) => el('th', { scope: 'col',
    class: columnOf.text ? 'text' : '', title: columnOf.help },
    el('button', { type: 'button', onclick: event => {
      const up = last === at;
      last = up ? null : at;
      for (const other of headings) other.removeAttribute('aria-sort');
      event.target.closest('th').setAttribute('aria-sort', up ? 'ascending' : 'descending');
      sortRows(body, rows, at, up);
    } }, columnOf.title)));
  const note = table.all === 0 ? 'none' : table.all > rows.length
    ? `the worst ${rows.length} of ${table.all}` : `${table.all}, worst first`;
  return el('section', { class: 'card table' },
    el('header', {}, el('h3', {}, table.title), el('p', {}, note)),
    rows.length ? el('div', { class: 'scroll', tabindex: '0' },
      el('table', {}, el('thead', {}, el('tr', {}, headings)), body)) : null);
}

function coverageOf(host) {
  const bad = host.coverage.filter(signal => signal.quality !== 'exact');
  const losses = [[host.lost.events, 'stories lost (counts are not affected)'],
    [host.lost.folded, 'flows folded into others'], [host.lost.untracked, 'sockets not tracked']];
  const told = losses.filter(([count]) => count).map(([count, what]) => `${countText(count)} ${what}`);
  const rows = host.coverage.map(signal => el('tr', { class: signal.quality === 'exact' ? '' : 'trouble' },
    [signal.signal, signal.quality, signal.hook, signal.note].map(
      text => el('td', { class: 'text' }, el('bdi', {}, text)))));
  return el('section', { class: 'card table' },
    el('header', {}, el('h3', {}, 'What could be seen'),
      el('p', {}, [told.length ? told.join(', ') : 'nothing was lost',
        bad.length ? `not exact: ${bad.map(signal => `${signal.signal} (${signal.quality})`).join(', ')}`
          : 'all figures are exact', ...host.damage].join('; '))),
    el('details', {}, el('summary', {}, 'Each signal and the hook that told it'),
      el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, el('tr', {},
        ['Signal', 'Quality', 'Hook', 'Notes'].map(text => el('th', { class: 'text', scope: 'col' }, text)))),
        el('tbody', {}, rows)))));
}
