// Several continuations beside each other, to choose one.

class Continuations {
  /** @param take - puts one into the text: `{ text, marks }`. */
  constructor(take) {
    this.take = take;
    this.panel = find('continuations');
    this.list = find('continuations-list');
    this.cards = [];
    find('take-none').addEventListener('click', () => this.close());
    this.panel.addEventListener('keydown', (event) => this.key(event));
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  open(count) {
    this.close();
    this.cards = Array.from({ length: count }, (_, index) => this.card(index));
    this.list.replaceChildren(...this.cards.map((card) => card.item));
    this.panel.hidden = false;
    this.panel.scrollIntoView({ block: 'nearest' });
  }

  card(index) {
    const node = document.createTextNode(''), facts = element('small', {});
    const card = { node, facts, text: '', marks: [], units: 0, logarithms: 0 };
    card.button = element('button', { type: 'button', onclick: () => this.choose(card) }, `Take ${index + 1}`);
    card.item = element('li', {}, element('div', { class: 'continuation', tabindex: 0, role: 'group', 'aria-label': `Continuation ${index + 1}` }, node),
      element('footer', {}, facts, card.button));
    return card;
  }

  add(index, piece) {
    const card = this.cards[index];
    if (!card) return;
    appendPiece(card, piece);
    card.node.data = card.text;
    colors.paint(card.node, card.marks);
    card.facts.textContent = factsOf(card);
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const card = this.cards[Number(event.key) - 1];
    if (!card) return;
    event.preventDefault();
    this.choose(card);
  }

  choose({ text, marks }) {
    this.close();
    this.take({ text, marks });
  }

  focus() {
    this.cards[0]?.button.focus();
  }

  close() {
    const hadFocus = this.panel.contains(document.activeElement);
    for (const { node } of this.cards) colors.clear(node);
    this.cards = [];
    this.panel.hidden = true;
    if (hadFocus) find('text').focus();
  }
}

/** How long, and how probable a unit is in the (geometric) mean. */
function factsOf({ text, units, logarithms }) {
  const mean = units > 0 ? `, ${percent(Math.exp(logarithms / units))} for each unit` : '';
  return counted([...text].length, 'character') + mean;
}
