// The page: its tabs, its addresses, its messages. Each tab is a file that adds itself:
//
//     pageTabs.runs = {
//       title: 'Runs',
//       mount(panel) {…},        // once, when the tab is first shown: fills its panel, or finds what page.html has in it
//       show(path) {…},          // each time, with what its address says: '#runs/weavers-1' is ['weavers-1']
//       hide() {…},              // when another tab is shown
//     };

const pageTabs = {};

const app = {
  current: undefined,

  start() {
    document.head.append(element('link', { rel: 'icon', href: wovenIcon() }));
    addEventListener('hashchange', () => this.route());
    for (const [name, { title }] of Object.entries(pageTabs)) addTab(name, title);
    find('key-missing').addEventListener('click', () => this.enterKey());
    find('key-form').addEventListener('submit', (event) => {
      event.preventDefault();
      find('key-dialog').close(event.submitter?.value ?? 'use');
    });
    find('key-cancel').addEventListener('click', () => find('key-dialog').close(''));
    this.route();
  },

  /** Shows what the address names: `#runs/weavers-1`. */
  route() {
    const [name, ...path] = location.hash.slice(1).split('/').map(plainName);
    const chosen = Object.hasOwn(pageTabs, name) ? name : 'write';
    if (this.current !== chosen) this.change(chosen);
    pageTabs[chosen].show(path);
  },

  change(chosen) {
    if (this.current) pageTabs[this.current].hide();
    for (const [name, tab] of Object.entries(pageTabs)) {
      const isChosen = name === chosen, link = find(`tab-${name}`);
      link.setAttribute('aria-selected', String(isChosen));
      link.tabIndex = isChosen ? 0 : -1;
      find(name).hidden = !isChosen;
      if (isChosen && !tab.isMounted) {
        tab.isMounted = true;
        tab.mount(find(name));
      }
    }
    this.current = chosen;
    document.title = `Jacquard: ${find(`tab-${chosen}`).textContent}`;
  },

  /** The address of a place in a tab. */
  address(...path) {
    return '#' + path.map(encodeURIComponent).join('/');
  },

  async enterKey() {
    serverKey.isDeclined = false;
    if (await serverKey.ask(serverKey.value)) document.dispatchEvent(new Event('key'));
  },
};

/** Its link at the top; its panel too, where page.html has none. */
function addTab(name, title) {
  find('tabs').append(element('a', {
    role: 'tab', id: `tab-${name}`, href: `#${name}`, 'aria-controls': name, onkeydown: arrowsBetweenTabs,
  }, title));
  if (!find(name)) find('panels').append(element('section', { id: name, role: 'tabpanel', 'aria-labelledby': `tab-${name}`, hidden: true }));
}

/** A piece of cloth. */
function wovenIcon() {
  const over = [0, 2, 5, 7, 8, 10, 13, 15].map((index) => `M${index % 4} ${Math.floor(index / 4)}h1v1h-1z`).join('');
  const picture = drawn('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: '0 0 4 4' }, drawn('path', { fill: '#0b6e8a', d: over }));
  return `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(picture))}`;
}

function plainName(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function arrowsBetweenTabs(event) {
  const names = Object.keys(pageTabs), step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const next = names[(names.indexOf(app.current) + step + names.length) % names.length];
  location.hash = next;
  find(`tab-${next}`).focus();
}

/** Messages in a place of their own, each under a name: a newer one of the same name takes its place. */
class Notices {
  constructor(place) {
    this.place = place;
    this.shown = new Map();
  }

  /** @param actions - `{ 'Undo': () => {…} }` */
  show(name, text, { isError = false, actions = {}, seconds } = {}) {
    this.clear(name);
    const buttons = Object.entries(actions).map(([label, run]) =>
      element('button', { type: 'button', onclick: () => { this.clear(name); run(); } }, label));
    const close = element('button', { type: 'button', class: 'quiet', 'aria-label': 'Close this message', onclick: () => this.clear(name) }, '×');
    const notice = element('div', { class: isError ? 'notice error' : 'notice', role: isError ? 'alert' : 'status' },
      element('p', {}, text), buttons, close);
    this.place.prepend(notice);
    if (isError) notice.scrollIntoView({ block: 'nearest' });
    const timer = seconds && setTimeout(() => this.clear(name), 1000 * seconds);
    this.shown.set(name, { notice, timer });
  }

  failure(name, error, actions) {
    this.show(name, error.message, { isError: true, actions });
  }

  clear(name) {
    const { notice, timer } = this.shown.get(name) ?? {};
    clearTimeout(timer);
    notice?.remove();
    this.shown.delete(name);
  }
}
