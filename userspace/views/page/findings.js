// SPDX-License-Identifier: Apache-2.0
// What was wrong, worst first: each a bar over the time line, and under it evidence and what to do.

function evidenceTable(evidence) {
  return el('table', { class: 'evidence' }, el('tbody', {}, evidence.map(one => el('tr', {},
    el('th', { scope: 'row' }, one.name), el('td', {}, valueText(one.value, one.unit)),
    el('td', { class: 'source' }, one.source)))));
}

function line(title, text, kind) {
  return text ? el('p', { class: 'say ' + (kind || '') }, el('b', {}, title), ' ', text) : null;
}

function subjectText(subject) {
  const who = subject.pid ? `${subject.comm || 'process'} (${subject.pid})` : subject.comm;
  return [who, subject.listener && 'listener ' + subject.listener,
    subject.destination && 'to ' + subject.destination,
    subject.netns && 'network namespace ' + subject.netns].filter(Boolean).join(', ');
}

function bar(host, finding) {
  const whole = Math.max(host.to - host.from, 0.001);
  const share = at => 100 * Math.min(1, Math.max(0, (at - host.from) / whole));
  const mark = el('i', {});
  mark.style.left = share(finding.from) + '%';
  mark.style.width = Math.max(0.4, share(finding.to) - share(finding.from)) + '%';
  return el('span', { class: 'bar', 'aria-hidden': 'true' }, mark);
}

// Several findings may have one id: the subject says which of them is the cause.
const causes = (other, about) => other.caused_by === about.id &&
  subjectText(other.caused_by_subject || about.subject) === subjectText(about.subject);

function causeText(about) {
  const whom = about.caused_by_subject && subjectText(about.caused_by_subject);
  return about.caused_by && about.caused_by + (whom ? ` (${whom})` : '');
}

function findingCard(host, finding, open) {
  const about = finding.at_worst[0];
  const explains = [...new Set(host.findings.map(other => other.at_worst[0])
    .filter(other => causes(other, about)).map(other => other.id))];
  const point = to => () => {
    focused = to;
    redrawAll();
  };
  const margin = Math.max(1, (finding.to - finding.from) * 0.2);
  return el('details', { class: 'card finding ' + about.severity, open,
    onmouseenter: point(finding), onmouseleave: point(null) },
    el('summary', {},
      el('span', { class: 'badge' }, about.severity), el('code', {}, about.id),
      el('span', { class: 'times' }, `${clockText(finding.from, 1)} to ${clockText(finding.to, 1)}, ` +
        secondsText(Math.round(finding.to - finding.from))),
      el('span', { class: 'sentence' }, about.summary), bar(host, finding)),
    el('div', { class: 'body' },
      line('Next step:', about.next_step, 'next'),
      evidenceTable(about.evidence),
      el('div', { class: 'says' },
        line('Do not:', (about.do_not || '').replace(/^do not /i, ''), 'not'),
        line('Because of:', causeText(about)), line('It explains:', explains.join(', ')),
        line('Whom:', subjectText(about.subject)),
        line('Confidence:', percentText(about.confidence) +
          (about.unseen ? `; not seen: ${about.unseen}` : ''))),
      el('button', { type: 'button', class: 'zoom',
        onclick: () => showWindow(Math.max(host.from, finding.from - margin),
          Math.min(host.to, finding.to + margin), null) }, 'Zoom the plots to it')));
}

function findingsOf(host) {
  if (!host.findings.length)
    return el('p', { class: 'card calm' }, 'Nothing was found wrong.');
  return el('div', { class: 'findings' },
    host.findings.map((finding, at) => findingCard(host, finding, at === 0)));
}
