// SPDX-License-Identifier: Apache-2.0
// Plots over time, all of one page with the same window and the same cursor. A point holds from the
// end of the one before it to its own end, so lines are steps.
const plots = [];
let shown = null;   // [from, to] of all plots; null: everything
let focused = null;  // the finding that is pointed at

const toneOf = { dropped: '--bad', 'connects failed': '--line3', CLOSE_WAIT: '--bad', 'stories lost': '--bad',
  'refused for want of a descriptor': '--bad' };
const lineColor = (line, at) => color(toneOf[line.label] || `--line${at % 8}`);

function faint(hex, share) {
  return hex + Math.round(share * 255).toString(16).padStart(2, '0');
}

function drawFindings(plot, host) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  [...host.findings].reverse().forEach(finding => {  // the worst on top
    if (finding.at_worst[0].severity === 'info' && focused !== finding) return;
    const from = plot.valToPos(finding.from, 'x', true);
    const to = Math.max(plot.valToPos(finding.to, 'x', true), from + 2);
    const tone = color('--' + finding.at_worst[0].severity);
    ctx.fillStyle = faint(tone, focused === finding ? 0.3 : focused ? 0.03 : 0.09);
    ctx.fillRect(from, bbox.top, to - from, bbox.height);
    ctx.fillStyle = tone;
    ctx.fillRect(from, bbox.top, to - from, focused === finding ? 5 : 2);
  });
  ctx.restore();
}

// What is full, as a line across.
function drawFull(plot) {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(1, 'y', true));
  ctx.save();
  ctx.strokeStyle = color('--bad');
  ctx.setLineDash([6, 4]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

function showWindow(from, to, except) {
  shown = from === null ? null : [from, to];
  for (const { plot, host } of plots)
    if (plot !== except)
      plot.setScale('x', shown ? { min: from, max: to } : { min: host.begin, max: host.ends.at(-1) });
  document.body.classList.toggle('zoomed', shown !== null);
}

const redrawAll = () => plots.forEach(({ plot }) => plot.redraw(false));

function powersOfTen(plot) {
  const { min, max } = plot.scales.y;
  const marks = [];
  for (let power = Math.ceil(Math.log10(min) - 1e-9); power <= Math.log10(max) + 1e-9; ++power)
    marks.push(10 ** power);
  return marks;
}

function axis(unit, side) {
  const base = { stroke: () => color('--dim'), font: '11px system-ui, sans-serif',
    grid: { stroke: () => color('--grid'), width: 1 }, ticks: { show: false } };
  return side === 'x'
    ? { ...base, space: 64, size: 30, values: (_, splits, __, ___, step) => splits.map(at => clockText(at, step)) }
    : { ...base, size: 58, space: 34, splits: unit === 'seconds' ? powersOfTen : undefined,
      values: (_, splits) => splits.map(at => at === null ? '' : valueText(at, unit).replace('/s', '')) };
}

function scaleOf(unit) {
  if (unit === 'seconds')  // from a microsecond to a minute, as it happens
    return { distr: 3, range: (_, low, high) => low > 0
      ? [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high * 1.001))] : [1e-6, 1] };
  const least = unit === 'share' ? 1 : unit === 'count' ? 4 : 1;
  return { range: (_, low, high) => [Math.min(0, low || 0), Math.max(least, (high || 0) * 1.08)] };
}

// Values of one line in the order of the times; the first time is the begin of the first point.
function column(values, unit) {
  const above = value => value === null ? null : Math.max(value, 1e-8);
  const whole = values.length ? [values[0], ...values] : [];
  return unit === 'seconds' ? whole.map(above) : whole;
}

// The shades of many lines would hide each other.
const shadedOf = chart => chart.lines.length <= 4 ? chart.lines.filter(line => line.least) : [];

function options(host, chart, width, onCursor) {
  const linear = chart.unit === 'seconds';
  const paths = linear ? undefined : uPlot.paths.stepped({ align: -1 });
  const lines = chart.lines.map((line, at) => ({
    label: line.label, scale: 'y', width: host.ends.length > 400 ? 1 : 1.6, paths, spanGaps: false,
    stroke: () => lineColor(line, at),
    fill: chart.lines.length === 1 || (at === 0 && !linear)
      ? () => faint(lineColor(line, at), 0.13) : undefined,
    points: { show: linear ? undefined : false, size: 4, fill: () => lineColor(line, at) },
  }));
  const lows = shadedOf(chart).map(line => ({
    label: line.label, scale: 'y', width: 0, paths, stroke: 'transparent', points: { show: false },
  }));
  return {
    width, height: 180, legend: { show: false }, padding: [12, 26, 0, 0],
    tzDate: at => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC'),
    series: [{}, ...lines, ...lows],
    // From the least to the greatest, where a point stands for several intervals.
    bands: lows.map((_, at) => ({ series: [at + 1, at + 1 + lines.length],
      fill: () => faint(lineColor(chart.lines[at], at), 0.25) })),
    scales: { x: { time: true }, y: scaleOf(chart.unit) },
    axes: [axis(chart.unit, 'x'), axis(chart.unit, 'y')],
    cursor: { y: false, drag: { x: true, y: false, dist: 6 },
      points: { size: 7, width: 1.5 },
      sync: { key: 'time', filters: { pub: type => type === 'mousemove' || type === 'mouseleave' } } },
    hooks: {
      drawClear: [plot => drawFindings(plot, host)],
      draw: chart.unit === 'share' ? [drawFull] : [],
      setCursor: [onCursor],
      setSelect: [plot => {
        if (plot.select.width < 6) return;
        const at = left => plot.posToVal(left, 'x');
        showWindow(at(plot.select.left), at(plot.select.left + plot.select.width), null);
        plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      }],
      ready: [plot => plot.over.addEventListener('dblclick', () => showWindow(null, null, null))],
    },
  };
}

function greatest(values) {
  return values.reduce((most, value) => value !== null && (most === null || value > most) ? value : most, null);
}

// A key that also tells values: those under the cursor, or else the highest of the whole time.
function legendOf(chart, plotOf) {
  const keys = chart.lines.map((line, at) => {
    const mark = el('i', { class: 'mark' });
    const value = el('b', {});
    const key = el('button', { type: 'button', class: 'key', 'aria-pressed': 'true',
      title: 'show or hide this line' },
      mark, el('span', {}, (line.estimated ? '~' : '') + line.label), value);
    key.addEventListener('click', () => {
      const now = key.getAttribute('aria-pressed') !== 'true';
      key.setAttribute('aria-pressed', String(now));
      plotOf().setSeries(at + 1, { show: now });
      if (shadedOf(chart).length) plotOf().setSeries(at + 1 + chart.lines.length, { show: now });
    });
    return { key, mark, value, line };
  });
  const when = el('span', { class: 'when' });
  const update = at => {
    const known = at !== null && at !== undefined;
    when.textContent = known ? clockText(plotOf().data[0][at], 1) : 'highest';
    keys.forEach(({ value, line, mark }, place) => {
      const point = known ? Math.max(0, at - 1) : null;
      const most = known ? line.most[point] : greatest(line.most);
      const mean = known && line.mean ? line.mean[point] : null;
      value.textContent = (line.estimated && most !== null ? '~' : '') + valueText(most, chart.unit) +
        (mean !== null && mean !== undefined ? `, mean ${valueText(mean, chart.unit)}` : '');
      mark.style.background = lineColor(line, place);
    });
  };
  return { element: el('div', { class: 'legend' }, when, keys.map(({ key }) => key)), update };
}

const widthOf = place => Math.max(240, place.clientWidth - 8);

function drawChart(place, host, chart) {
  let plot = null;
  const legend = legendOf(chart, () => plot);
  const box = el('div', { class: 'canvas' });
  place.replaceChildren(box, legend.element);
  const times = [host.begin, ...host.ends];
  const columns = chart.lines.map(line => column(line.most, chart.unit));
  const lows = shadedOf(chart).map(line => column(line.least, chart.unit));
  plot = new uPlot(options(host, chart, widthOf(place), made => {
    if (plot) legend.update(made.cursor.idx);
  }), [times, ...columns, ...lows], box);
  legend.update(null);
  const entry = { plot, host, place, refresh: () => legend.update(null) };
  plots.push(entry);
  if (shown) plot.setScale('x', { min: shown[0], max: shown[1] });
  return entry;
}

// One plot; of several charts one is shown at a time.
function plotCard(host, about) {
  const place = el('div', { class: 'chart' });
  let entry = null;
  const show = chart => {
    if (entry) {
      plots.splice(plots.indexOf(entry), 1);
      entry.plot.destroy();
    }
    entry = drawChart(place, host, chart);
  };
  const tabs = about.charts.length < 2 ? null : el('select', { 'aria-label': 'what to plot',
    onchange: event => show(about.charts[event.target.selectedIndex]) },
    about.charts.map(chart => el('option', {}, chart.label)));
  const card = el('section', { class: 'card plot' },
    el('header', {}, el('h3', {}, about.title, tabs || !about.charts[0].label ? '' : `: ${about.charts[0].label}`), tabs, el('p', {}, about.what)), place);
  return { card, draw: () => show(about.charts[0]) };
}
