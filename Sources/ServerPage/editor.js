// The editable text, colored. A textarea does the editing: line ends, emoji, composed input, selection and screen readers
// are the browser's. Its own letters are transparent; under it lies a layer with the same text in the same letters, one
// text node whose ranges the CSS Custom Highlight API colors. A color moves no letter, so both always break alike.

/** Each for probabilities from a limit on; the first is plain. */
const shareColors = [
  { name: undefined, from: 0.5 }, { name: 'share-cyan', from: 0.2 }, { name: 'share-yellow', from: 0.05 },
  { name: 'share-red', from: 0.01 }, { name: 'share-reversed', from: 0 },
];

/** Which of them; at the beginning the most probable. */
function colorOfShare(probability) {
  return shareColors.findIndex(({ from }) => probability >= from);
}

/** Colors ranges of text nodes by probability. Each node's colors are replaced together. */
const colors = {
  isPossible: 'highlights' in CSS,
  ofNode: new Map(),

  paint(node, marks) {
    if (!this.isPossible) return;
    this.clear(node);
    const painted = stretches(marks).filter(({ name }) => name)
      .map(({ name, start, end }) => [name, rangeIn(node, start, end)]);
    for (const [name, range] of painted) highlightNamed(name).add(range);
    this.ofNode.set(node, painted);
  },

  clear(node) {
    for (const [name, range] of this.ofNode.get(node) ?? []) highlightNamed(name).delete(range);
    this.ofNode.delete(node);
  },
};

function highlightNamed(name) {
  if (!CSS.highlights.has(name)) CSS.highlights.set(name, new Highlight());
  return CSS.highlights.get(name);
}

function rangeIn(node, start, end) {
  return new StaticRange({ startContainer: node, startOffset: start, endContainer: node, endOffset: end });
}

/** Neighbors of one color as one. */
function stretches(marks) {
  const found = [];
  for (const { start, end, probability } of marks) {
    const { name } = shareColors[colorOfShare(probability)], last = found.at(-1);
    if (last?.end === start && last.name === name) last.end = end; else found.push({ name, start, end });
  }
  return found;
}

/** What makes one step of the past with more of its kind; everything else is a step of its own. */
const typedKinds = {
  insertText: 'typed', insertCompositionText: 'typed', deleteContentBackward: 'deleted', deleteContentForward: 'deleted',
};

class Editor {
  constructor({ area, layer, frame, manuscript }) {
    Object.assign(this, { area, layer, frame, manuscript });
    this.node = document.createTextNode('\n');
    layer.append(this.node);
    area.addEventListener('input', (event) => this.readTyped(event.inputType));
    area.addEventListener('beforeinput', (event) => this.takeHistory(event));
    area.addEventListener('keydown', (event) => this.takeHistoryKeys(event));
    manuscript.addEventListener('change', ({ detail }) => this.draw(detail));
    frame.addEventListener('scroll', () => this.paintSoon());
    new ResizeObserver(() => this.paintSoon()).observe(frame);
  }

  get selection() {
    return { start: this.area.selectionStart, end: this.area.selectionEnd };
  }

  set isLocked(isLocked) {
    this.area.readOnly = isLocked;
    this.frame.setAttribute('aria-busy', String(isLocked));
  }

  readTyped(inputType) {
    const { start, end, inserted } = typedChange(this.manuscript.text, this.area.value, this.area.selectionEnd);
    this.manuscript.replace(start, end, inserted, { kind: typedKinds[inputType], isTyped: true });
  }

  /** The browser's own past does not know what the model wrote: ours does. */
  takeHistory(event) {
    if (event.inputType === 'historyUndo') this.step(event, 'undo');
    if (event.inputType === 'historyRedo') this.step(event, 'redo');
  }

  takeHistoryKeys(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === 'z') this.step(event, event.shiftKey ? 'redo' : 'undo');
    if (key === 'y') this.step(event, 'redo');
  }

  step(event, direction) {
    event.preventDefault();
    if (!this.area.readOnly) this.manuscript[direction]();
  }

  /** The layer always ends with a line end more: without one, it would have no line where the text ends in one. */
  draw({ start, removed, inserted, isTyped, isOpened, caret }) {
    const follows = !isTyped && this.isVisible(start);
    this.node.replaceData(start, removed, inserted);
    if (!isTyped) this.area.setRangeText(inserted, start, start + removed, 'preserve');
    if (caret !== undefined) this.select(caret);
    if (isOpened) this.select(0);
    if (follows && !isOpened) this.reveal(start + inserted.length);
    this.paintSoon();
  }

  paintSoon() {
    this.painting ??= requestAnimationFrame(() => {
      this.painting = undefined;
      colors.paint(this.node, this.manuscript.marksIn(...this.visiblePart()));
    });
  }

  /** The offsets that can be seen, and as much again before and after them: a browser draws thousands of ranges slowly. */
  visiblePart() {
    const { length } = this.manuscript.text, { top, bottom, height } = this.frame.getBoundingClientRect();
    const from = firstNumber(length, (offset) => this.boxOf(offset, offset + 1).bottom > top - height);
    return [from, firstNumber(length, (offset) => this.boxOf(offset, offset + 1).top > bottom + height)];
  }

  select(start, end = start) {
    this.area.setSelectionRange(start, end);
  }

  focus() {
    this.area.focus({ preventScroll: true });
  }

  // MARK: Places

  /** Where a stretch stands in the window; a line end has a little room after its line. */
  boxOf(start, end) {
    const range = document.createRange();
    range.setStart(this.node, start);
    range.setEnd(this.node, end);
    const boxes = range.getClientRects(), box = boxes[0] ?? range.getBoundingClientRect();
    return new DOMRect(box.left, box.top, Math.max(box.width, 6), box.height);
  }

  /** The offset of the character under a point. */
  offsetAt(x, y) {
    const near = document.caretPositionFromPoint?.(x, y);
    if (near?.offsetNode !== this.area) return undefined;
    const { text } = this.manuscript;
    return [near.offset, near.offset - 1, near.offset - 2].find((offset) => {
      if (offset < 0 || offset >= text.length) return false;
      const box = this.boxOf(offset, offset + 1);
      return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
    });
  }

  isVisible(offset) {
    const box = this.boxOf(offset, offset), frame = this.frame.getBoundingClientRect();
    return box.top < frame.bottom + 4 && box.bottom > frame.top - 4;
  }

  /** Scrolls the frame, never the page. */
  reveal(offset) {
    const box = this.boxOf(offset, offset), frame = this.frame.getBoundingClientRect(), room = 12;
    if (box.bottom > frame.bottom - room) this.frame.scrollTop += box.bottom - frame.bottom + room;
    if (box.top < frame.top + room) this.frame.scrollTop -= frame.top - box.top + room;
  }

  /** Shows which characters are spoken of. */
  point(mark) {
    if (!colors.isPossible) return;
    const pointed = highlightNamed('pointed');
    pointed.clear();
    if (mark) pointed.add(rangeIn(this.node, mark.start, mark.end));
  }
}
