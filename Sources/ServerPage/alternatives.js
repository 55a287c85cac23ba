// What the model would have written instead: a small list under a character.

class Alternatives {
  /**
   * @param ask - for what else could stand at an offset: `{ mark, alternatives }`.
   * @param take - puts one there, of all; the last argument says whether the model goes on from it.
   */
  constructor({ editor, ask, take }) {
    Object.assign(this, { editor, ask, take });
    this.panel = find('alternatives');
    this.list = find('alternatives-list');
    this.title = find('alternatives-title');
    const { area } = editor;
    area.addEventListener('pointermove', (event) => this.follow(event));
    area.addEventListener('pointerleave', () => this.leave());
    area.addEventListener('pointerdown', () => this.close());
    editor.frame.addEventListener('scroll', () => this.close());
    // Whoever changes the text: offsets are those of the text as it was.
    editor.manuscript.addEventListener('change', () => this.close());
    this.panel.addEventListener('pointerenter', () => clearTimeout(this.leaving));
    this.panel.addEventListener('pointerleave', () => this.leave());
    this.panel.addEventListener('keydown', (event) => this.key(event));
    this.panel.addEventListener('focusout', (event) => this.blurred(event));
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  // MARK: By pointer

  follow({ pointerType, buttons, clientX, clientY }) {
    if (pointerType !== 'mouse' || buttons !== 0 || this.hasFocus) return;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.hover(clientX, clientY), 120);
  }

  hover(x, y) {
    const offset = this.editor.offsetAt(x, y), mark = offset === undefined ? undefined : this.editor.manuscript.markAt(offset);
    if (!mark) return this.leave();
    clearTimeout(this.leaving);
    if (this.mark === mark && this.isOpen) return;
    if (mark.alternatives) this.show(mark, mark.alternatives);
    else this.show(mark, [], 'With the cursor before it, Alt+↓ asks what else could stand here.');
  }

  leave() {
    clearTimeout(this.resting);
    clearTimeout(this.leaving);
    if (!this.hasFocus) this.leaving = setTimeout(() => this.close(), 250);
  }

  // MARK: By keyboard

  /** For the character at the cursor, whoever wrote it; the model is asked where it is not known. */
  async openAtCursor() {
    const offset = this.editor.selection.start;
    await this.openAt(offset);
  }

  async openAt(offset) {
    const { manuscript } = this.editor, { text } = manuscript, known = manuscript.markAt(offset);
    const { mark, alternatives } = known?.alternatives
      ? { mark: known, alternatives: known.alternatives } : await this.ask(known?.start ?? offset, known);
    if (!alternatives || manuscript.text !== text || this.editor.area.closest('[hidden]')) return;
    this.show(mark, alternatives);
    this.hasFocus = true;
    (this.options[0] ?? this.panel).focus();
  }

  get options() {
    return [...this.list.querySelectorAll('button')];
  }

  key(event) {
    const { options } = this, index = options.indexOf(document.activeElement);
    const moves = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: options.length - 1 };
    if (event.key in moves) {
      event.preventDefault();
      options[Math.max(0, Math.min(options.length - 1, moves[event.key]))]?.focus();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      this.close();
      this.editor.focus();
    }
  }

  blurred({ relatedTarget }) {
    if (this.panel.contains(relatedTarget)) return;
    this.hasFocus = false;
    this.close();
  }

  // MARK: Showing

  show(mark, alternatives, hint) {
    this.mark = mark;
    const written = this.editor.manuscript.text.slice(mark.start, mark.end);
    const isNone = alternatives.length === 0;
    this.title.replaceChildren(...this.heading(written, mark.probability, isNone));
    this.list.replaceChildren(...alternatives.map((one) => this.option(one, alternatives, written)));
    find('alternatives-hint').textContent = hint ?? (isNone
      ? 'This model writes bytes, and none of those that are likely here is a character by itself.'
      : 'Click or Enter takes one and goes on from there; with Shift it only takes it.');
    this.panel.hidden = false;
    this.place(this.editor.boxOf(mark.start, mark.end));
    this.editor.point(mark);
  }

  heading(written, probability, isNone) {
    if (written === '') return [isNone ? 'What could come next' : 'Next could come'];
    const share = probability === undefined ? '' : ` ${percent(probability)}`;
    return [element('code', {}, visible(written)), share, isNone ? '' : '; instead of it:'];
  }

  option(one, all, written) {
    const { text, probability } = one;
    const bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
    bar.style.width = `${Math.max(1, 100 * probability)}%`;
    const isWritten = text === written;
    const choose = (event) => this.choose(one, all, !event.shiftKey);
    return element('li', {}, element('button', { type: 'button', onclick: choose, 'aria-current': isWritten && 'true' },
      bar, element('code', {}, visible(text)), element('span', { class: 'share' }, percent(probability))));
  }

  choose(one, all, goesOn) {
    const { mark } = this;
    this.close();
    this.editor.focus();
    this.take(mark, one, all, goesOn);
  }

  /** Under the character, or over it where there is no room. */
  place(box) {
    const { offsetWidth: width, offsetHeight: height } = this.panel, gap = 4;
    const left = Math.max(gap, Math.min(box.left - 8, document.documentElement.clientWidth - width - gap));
    const under = box.bottom + gap, over = box.top - height - gap;
    this.panel.style.left = `${left}px`;
    this.panel.style.top = `${under + height > innerHeight && over > 0 ? over : under}px`;
  }

  close() {
    clearTimeout(this.resting);
    clearTimeout(this.leaving);
    this.hasFocus = false;
    this.mark = undefined;
    if (this.panel.contains(document.activeElement)) this.editor.focus();
    this.panel.hidden = true;
    this.editor.point(undefined);
  }
}
