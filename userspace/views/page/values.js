// SPDX-License-Identifier: Apache-2.0
// Elements and numbers. Text from the capture is only ever set as text, never as markup.
const data = JSON.parse(document.getElementById('data').textContent);

function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat().filter(child => child !== null && child !== undefined));
  return made;
}

// Three digits or so.
function digits(value) {
  const size = Math.abs(value);
  return size >= 100 || Number.isInteger(value) ? value.toFixed(0)
    : size >= 10 ? value.toFixed(1) : size >= 0.095 ? value.toFixed(2) : value.toPrecision(2);
}

function countText(value) {
  for (const [size, letter] of [[1e9, 'G'], [1e6, 'M'], [1e4, 'k']])
    if (Math.abs(value) >= size) return digits(value / (letter === 'k' ? 1e3 : size)) + letter;
  return digits(value);
}

function secondsText(value) {
  if (value >= 86400) return digits(value / 86400) + ' d';
  if (value >= 3600) return `${Math.floor(value / 3600)} h ${String(Math.floor(value / 60) % 60).padStart(2, '0')} m`;
  if (value >= 60) return `${Math.floor(value / 60)} m ${String(Math.floor(value) % 60).padStart(2, '0')} s`;
  if (value >= 1 || value <= 0) return digits(value) + ' s';
  for (const [size, unit] of [[1e-3, 'ms'], [1e-6, 'µs'], [1e-9, 'ns']])
    if (value >= size) return digits(value / size) + ' ' + unit;
  return '0 s';
}

const percentText = value => digits(value * 100) + ' %';

// Units of plots and those of evidence.
function valueText(value, unit) {
  if (value === null || value === undefined) return '-';
  if (unit === 'seconds' || unit === 's') return secondsText(value);
  if (unit === 'share') return percentText(value);
  if (unit === 'rate' || unit === '1/s') return countText(value) + '/s';
  return countText(value) + (unit === 'count' || unit === '1' ? '' : ' ' + unit);
}

const two = number => String(number).padStart(2, '0');

// Of an axis whose marks are so many seconds apart; UTC.
function clockText(seconds, step) {
  const time = new Date(seconds * 1000);
  const minutes = two(time.getUTCHours()) + ':' + two(time.getUTCMinutes());
  if (step >= 86400) return dateText(seconds);
  if (step >= 60) return minutes;
  const text = minutes + ':' + two(time.getUTCSeconds());
  return step >= 1 ? text : text + '.' + String(time.getUTCMilliseconds()).padStart(3, '0');
}

function dateText(seconds) {
  const time = new Date(seconds * 1000);
  return `${time.getUTCFullYear()}-${two(time.getUTCMonth() + 1)}-${two(time.getUTCDate())}`;
}

const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
