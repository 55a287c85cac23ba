// Elements by script. What comes from a file or the server is always text here, never markup.

/** `element('button', { class: 'main', onclick: save }, 'Save')` */
function element(name, attributes, ...children) {
  return furnished(document.createElement(name), attributes, children);
}

/** The same for a part of a drawing. */
function drawn(name, attributes, ...children) {
  return furnished(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function furnished(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

function find(id) {
  return document.getElementById(id);
}

/** `work` once, so long after the first call for it. */
function later(milliseconds, work) {
  let timer;
  const cancel = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const run = () => {
    cancel();
    work();
  };
  return { cancel, call() { timer ??= setTimeout(run, milliseconds); } };
}

// MARK: Numbers and times as text

const grouped = new Intl.NumberFormat('en-US');

function counted(number, one, many = one + 's') {
  return `${grouped.format(number)} ${number === 1 ? one : many}`;
}

function percent(share) {
  const value = 100 * share;
  if (value >= 99.95 && value < 100) return '> 99.9 %';
  if (value < 0.1) return '< 0.1 %';
  return `${value.toFixed(value < 10 ? 1 : 0)} %`;
}

/** Of a time in seconds or as text. */
function dateText(when) {
  const date = new Date(typeof when === 'number' ? when * 1000 : when);
  return Number.isNaN(date.getTime()) ? String(when) : date.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}

/** A name among other text: one that is written to the left takes no number along with it. */
function isolated(name) {
  return `\u2068${name}\u2069`;
}

/**
 * A unit of text where one has to see it: line ends, tabs and spaces as signs; by their numbers, as the command line has
 * them, what else cannot be seen or told apart by itself. Within a cluster that can be seen, joiners and accents are
 * what makes it what it is.
 */
function visible(unit) {
  const signs = { '\n': '↵', '\r': '␍', '\t': '⇥', ' ': '␣', '\u00a0': '⍽' }, characters = [...unit];
  const shown = characters.map((character) => signs[character] ?? character);
  const isUnseen = (character) => /[\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}]/u.test(character);
  if (!shown.every(isUnseen)) return shown.join('');
  return characters.map((character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`).join(' ') || '∅';
}
