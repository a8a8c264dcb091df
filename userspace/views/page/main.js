// SPDX-License-Identifier: Apache-2.0
// Puts the page together: one section per host.

function tile(label, value, tone, note) {
  return el('div', { class: 'tile ' + (tone || '') }, el('span', {}, label), el('b', {}, value),
    el('small', {}, note || ''));
}

function tilesOf(host) {
  const seconds = Math.max(host.to - host.from, 0.001);
  const sum = (at, label, bad) => {
    const { count, quality } = host.sums[at];
    if (quality === 'unavailable') return tile(label, '-', '', 'not seen on this kernel');
    const mark = quality === 'estimated' ? '~' : '';
    return tile(label, mark + countText(count), bad && count ? 'bad' : '',
      `${mark}${countText(count / seconds)}/s`);
  };
  const highest = (title, at) => {
    const plot = (host.plots || []).find(one => one.title === title);
    return plot ? greatest(plot.charts[0].lines[at].most) : null;
  };
  const fullest = highest('Fullest accept queue', 0);
  const lost = host.lost.events;
  return el('div', { class: 'tiles' }, sum(0, 'Accepted'), sum(1, 'Closed'), sum(4, 'Dropped', true),
    sum(2, 'Connects'), sum(3, 'Failed', true),
    tile('Established', valueText(highest('Sockets', 0), 'count'), '', 'at most'),
    tile('Fullest queue', valueText(fullest, 'share'), fullest >= 1 ? 'bad' : fullest >= 0.5 ? 'warn' : '',
      'of full'),
    tile('Stories lost', countText(lost), lost ? 'bad' : '', lost ? 'counts are whole' : 'none'));
}

function headOf(host) {
  const version = host.version ? `tcpwatch ${host.version}` : 'tcpwatch';
  const facts = [`kernel ${host.kernel || '-'}`, version, `${host.intervals} intervals`, ...host.files];
  return el('header', { class: 'head' },
    el('h1', {}, el('bdi', {}, host.host || 'a host without a name')),
    el('p', { class: 'span' }, `${dateText(host.from)} ${clockText(host.from, 1)} to ` +
      `${clockText(host.to, 1)} UTC`, el('span', {}, secondsText(Math.round(host.to - host.from)))),
    el('p', { class: 'facts' }, facts.join('  ·  ')),
    host.clock_note ? el('p', { class: 'facts' }, 'Times ' + host.clock_note) : null,
    host.damage.map(text => el('p', { class: 'damage' }, text)));
}

function plotNote(host) {
  const many = host.intervals_per_point;
  return el('p', { class: 'note' }, 'Drag to zoom, double-click for all; bands are findings. ' +
    (many > 1 ? `A point stands for ${many} intervals: the line is their greatest, the shade reaches ` +
      'down to the least, and the mean is told under the cursor. ' : 'A step is one interval. ') +
    '~ marks estimates, - what this kernel does not tell. All times are UTC.');
}

function hostSection(host) {
  const drawn = host.ends && host.ends.length;
  const cards = drawn ? host.plots.map(about => plotCard(host, about)) : [];
  const section = el('article', { class: 'host' }, headOf(host), tilesOf(host),
    el('h2', {}, 'Findings'), findingsOf(host), el('h2', {}, 'Over time'),
    drawn ? plotNote(host) : el('p', { class: 'note' }, 'The capture holds no whole interval.'),
    el('div', { class: 'plots' }, cards.map(({ card }) => card)),
    el('h2', {}, 'Over the whole time'),
    el('p', { class: 'note' }, 'Rates are averages; queues and sockets are at their highest.'),
    host.tables.map(tableOf), coverageOf(host));
  return { section, draw: () => cards.forEach(({ draw }) => draw()) };
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  plots.forEach(({ plot, refresh }) => {
    plot.redraw(false);
    refresh();
  });
}

const isDark = () => document.documentElement.dataset.theme
  ? document.documentElement.dataset.theme === 'dark'
  : matchMedia('(prefers-color-scheme: dark)').matches;

function zoomBy(factor, shift) {
  const { plot } = plots[0];
  const { min, max } = plot.scales.x;
  const half = (max - min) * factor / 2;
  const middle = (min + max) / 2 + (max - min) * shift;
  showWindow(middle - half, middle + half, null);
}

function toolbar() {
  const button = (text, title, action) =>
    el('button', { type: 'button', title, 'aria-label': title, onclick: action }, text);
  return el('nav', { class: 'tools' }, el('span', { class: 'brand' }, 'tcpwatch'),
    el('span', { class: 'zooms' },
      button('−', 'zoom out', () => zoomBy(2, 0)), button('+', 'zoom in', () => zoomBy(0.5, 0)),
      button('‹', 'earlier', () => zoomBy(1, -0.5)), button('›', 'later', () => zoomBy(1, 0.5)),
      button('All', 'the whole time', () => showWindow(null, null, null))),
    button('◐', 'dark or light', () => setTheme(isDark() ? 'light' : 'dark')));
}

function fit() {
  for (const { plot, place } of plots) {
    const width = widthOf(place);
    if (width !== plot.width) plot.setSize({ width, height: plot.height });
  }
}

// Paper is white, has no cursor, and shows what was folded away.
function preparePaper() {
  const before = { theme: document.documentElement.dataset.theme || '', closed: [] };
  before.closed = [...document.querySelectorAll('details:not([open])')];
  before.closed.forEach(details => { details.open = true; });
  setTheme('light');
  for (const { plot } of plots) plot.setSize({ width: 330, height: 150 });
  addEventListener('afterprint', () => {
    before.closed.forEach(details => { details.open = false; });
    for (const { plot } of plots) plot.setSize({ width: plot.width - 1, height: 180 });
    setTheme(before.theme);
    fit();
  }, { once: true });
}

const hosts = data.map(hostSection);
document.getElementById('report').append(toolbar(), ...hosts.map(({ section }) => section));
hosts.forEach(({ draw }) => draw());
addEventListener('resize', fit);
addEventListener('beforeprint', preparePaper);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => setTheme(''));
document.body.dataset.ready = String(plots.length);
