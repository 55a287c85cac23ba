// A text, what the model thought of its characters, and its past. No element is touched here.

/**
 * Offsets count UTF-16 units, as a textarea does. A mark says that the model wrote what stands from `start` to `end`,
 * how probable it held it, and, as long as the page is open, what it would have written else.
 */
class Manuscript extends EventTarget {
  text = '';
  marks = [];
  past = [];
  future = [];

  /** Another text; its past begins here. */
  open(text, marks = []) {
    const before = this.text.length;
    Object.assign(this, { text, marks, past: [], future: [] });
    this.tell({ start: 0, removed: before, inserted: text, isOpened: true });
  }

  /**
   * Puts `inserted` where `start` to `end` stood.
   * @param marks - of what is inserted, counted from its beginning.
   * @param kind - changes of one kind and one place become one step of the past: 'typed', 'deleted', 'written' by the
   *   model.
   */
  replace(start, end, inserted, { marks = [], kind = 'other', isTyped = false } = {}) {
    if (start === end && inserted === '') return;
    const change = {
      start, inserted, kind, time: Date.now(), marks: moved(marks, 0),
      removed: this.text.slice(start, end), removedMarks: moved(this.marksIn(start, end), -start),
    };
    this.apply(change);
    const last = this.past.at(-1);
    if (!(last && joined(last, change))) this.past.push(change);
    this.future = [];
    this.tell({ start, removed: end - start, inserted, isTyped });
  }

  undo() {
    const change = this.past.pop();
    if (!change) return;
    this.future.push(change);
    this.revert({ ...change, inserted: change.removed, marks: change.removedMarks, removed: change.inserted });
  }

  redo() {
    const change = this.future.pop();
    if (!change) return;
    this.past.push(change);
    this.revert(change);
  }

  /** The next change is a step of its own. */
  closeStep() {
    if (this.past.length > 0) this.past.at(-1).isClosed = true;
  }

  marksIn(start, end) {
    const first = firstIndex(this.marks, (mark) => mark.end > start);
    let last = first;
    while (last < this.marks.length && this.marks[last].start < end) last += 1;
    return this.marks.slice(first, last);
  }

  /** The mark of the character that begins at or holds an offset. */
  markAt(offset) {
    return this.marksIn(offset, offset + 1)[0];
  }

  /** Where what the model wrote from here on ends: the first character that it did not. */
  endOfWriting(from) {
    let index = firstIndex(this.marks, (mark) => mark.end > from), end = from;
    while (index < this.marks.length && this.marks[index].start <= end) end = this.marks[index++].end;
    return end;
  }

  revert(change) {
    this.apply(change);
    const end = change.start + change.inserted.length;
    this.tell({ start: change.start, removed: change.removed.length, inserted: change.inserted, caret: end });
  }

  apply({ start, removed, inserted, marks }) {
    const end = start + removed.length, shift = inserted.length - removed.length;
    this.text = this.text.slice(0, start) + inserted + this.text.slice(end);
    const first = firstIndex(this.marks, (mark) => mark.end > start);
    let last = first;
    while (last < this.marks.length && this.marks[last].start < end) last += 1;
    for (const mark of this.marks.slice(last)) {
      mark.start += shift;
      mark.end += shift;
    }
    this.marks.splice(first, last - first, ...moved(marks, start));
  }

  tell(detail) {
    this.dispatchEvent(new CustomEvent('change', { detail }));
  }
}

/** Copies of marks, further on. */
function moved(marks, by) {
  return marks.map((mark) => ({ ...mark, start: mark.start + by, end: mark.end + by }));
}

/** Of a list in which a condition turns true once. */
function firstIndex(list, condition) {
  return firstNumber(list.length, (index) => condition(list[index]));
}

/** The first number below a limit for which a condition is true, as it then is for those after it; else the limit. */
function firstNumber(limit, condition) {
  let low = 0, high = limit;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (condition(middle)) high = middle; else low = middle + 1;
  }
  return low;
}

/** Makes a change part of the last step, where both are one thing to the writer. */
function joined(last, change) {
  if (last.isClosed || last.kind !== change.kind || last.kind === 'other') return false;
  if (change.kind !== 'written' && (change.time - last.time > 1500 || change.inserted === '\n')) return false;
  const end = change.start + change.removed.length, within = last.start + last.inserted.length;
  if (change.start >= last.start && end <= within) {
    // It alters or goes on with what the step put there.
    const from = change.start - last.start, until = end - last.start, shift = change.inserted.length - (until - from);
    last.inserted = last.inserted.slice(0, from) + change.inserted + last.inserted.slice(until);
    last.marks = [
      ...last.marks.filter((mark) => mark.end <= from), ...moved(change.marks, from),
      ...moved(last.marks.filter((mark) => mark.start >= until), shift),
    ];
  } else if (last.inserted === '' && change.inserted === '' && end === last.start) {
    // Backspace after backspace.
    last.removedMarks = [...change.removedMarks, ...moved(last.removedMarks, change.removed.length)];
    last.removed = change.removed + last.removed;
    last.start = change.start;
  } else if (last.inserted === '' && change.inserted === '' && change.start === last.start) {
    // Delete after delete.
    last.removedMarks = [...last.removedMarks, ...moved(change.removedMarks, last.removed.length)];
    last.removed += change.removed;
  } else {
    return false;
  }
  last.time = change.time;
  return true;
}

/**
 * What was typed, from the text before and after it: it ends at the caret, if it can.
 * (In "aaa" only the caret tells which a is new.)
 */
function typedChange(before, after, caret) {
  const shorter = Math.min(before.length, after.length);
  let tail = 0;
  const most = Math.min(shorter, after.length - caret);
  while (tail < most && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  let start = 0;
  while (start < shorter - tail && before[start] === after[start]) start += 1;
  return { start, end: before.length - tail, inserted: after.slice(start, after.length - tail) };
}

// MARK: What the server says of units, as text and marks

/** From the chunks of one continuation. Bytes that are no text by themselves are put together as any reader of UTF-8 does. */
class UnitReader {
  /** Of a character that has begun, and how probable they are together. */
  bytes = [];
  share = 1;

  /**
   * `{ text, marks, units, logarithms }` of a choice: marks count from the beginning of its text, `logarithms` is the sum
   * of those of the probabilities of its units.
   */
  read({ text, logprobs, finish_reason: ending }) {
    const piece = { text: '', marks: [] }, { tokens = [], token_logprobs: logarithms = [], top_logprobs: others } = logprobs ?? {};
    tokens.forEach((token, index) => {
      const probability = Math.exp(logarithms[index] ?? 0), byte = /^bytes:\\x([0-9a-f]{2})$/i.exec(token);
      if (byte) return this.readByte(parseInt(byte[1], 16), probability, piece);
      this.endCharacter(piece);
      addUnit(piece, token, probability, shares(others?.[index]));
    });
    if (ending) this.endCharacter(piece);
    const sum = logarithms.reduce((total, logarithm) => total + (logarithm ?? 0), 0);
    return { ...asWritten(text.replaceAll('\r', ''), piece.marks, piece.text), units: tokens.length, logarithms: sum };
  }

  readByte(byte, probability, piece) {
    if (characterOf([...this.bytes, byte]) === undefined) this.endCharacter(piece);
    this.bytes.push(byte);
    this.share *= probability;
    if (characterOf(this.bytes) !== '') this.endCharacter(piece);
  }

  /** What has begun is over: a character, or bytes that are none, for which one sign stands. */
  endCharacter(piece) {
    if (this.bytes.length > 0) addUnit(piece, characterOf(this.bytes) || '\ufffd', this.share);
    this.bytes = [];
    this.share = 1;
  }
}

/** Puts what was read after what had been read before. */
function appendPiece(whole, { text, marks, units, logarithms }) {
  whole.marks.push(...moved(marks, whole.text.length));
  whole.text += text;
  whole.units += units;
  whole.logarithms += logarithms;
}

function addUnit(piece, token, probability, alternatives) {
  const unit = token.replaceAll('\r', '');
  if (unit === '') return;
  const start = piece.text.length;
  piece.text += unit;
  piece.marks.push({ start, end: piece.text.length, probability, alternatives });
}

/** The text is what counts: the last unit may have been cut by a stop. Marks are kept as far as both agree. */
function asWritten(text, marks, units) {
  let same = 0;
  while (same < text.length && text[same] === units[same]) same += 1;
  return { text, marks: marks.filter((mark) => mark.end <= same) };
}

/** The character of a few bytes; an empty text as long as some are missing; nothing where no more can make them one. */
function characterOf(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes), { stream: true });
  } catch {
    return undefined;
  }
}

/**
 * `[{ text, probability }]`, the most probable first. Bytes that are no text cannot be put into one, and the sign of what a
 * model does not know is never written.
 */
function shares(logarithms) {
  if (!logarithms) return undefined;
  return Object.entries(logarithms)
    .filter(([text]) => !text.startsWith('bytes:\\x') && text !== '\ufffd')
    .map(([text, logarithm]) => ({ text, probability: Math.exp(logarithm) }))
    .sort((a, b) => b.probability - a.probability);
}

// MARK: Marks as they are stored: a sign for each, from '#' for 1 on, thirty signs for each power of ten

function packedMarks(marks) {
  const runs = [];
  let end;
  for (const mark of marks) {
    const length = mark.end - mark.start, run = runs.at(-1), sign = packedShare(mark.probability);
    if (run && end === mark.start && run[2] === length) run[1] += sign;
    else runs.push([mark.start, sign, length]);
    end = mark.end;
  }
  return runs;
}

/** The nearest sign of the same color. */
function packedShare(probability) {
  const color = colorOfShare(probability);
  let step = Math.max(0, Math.min(90, Math.round(-30 * Math.log10(probability))));
  while (step < 90 && colorOfShare(10 ** (-step / 30)) < color) step += 1;
  while (step > 0 && colorOfShare(10 ** (-step / 30)) > color) step -= 1;
  return String.fromCharCode(35 + step);
}

/** Other programs may have stored anything there: what is no run of marks is left out. */
function unpackedMarks(runs, limit) {
  if (!Array.isArray(runs)) return [];
  const marks = [];
  for (const [start, signs, length] of runs.filter(isRunOfMarks)) {
    for (let index = 0; index < signs.length; index += 1) {
      const from = start + index * length, until = from + length;
      if (until > limit || from < (marks.at(-1)?.end ?? 0)) return marks;
      marks.push({ start: from, end: until, probability: 10 ** ((35 - signs.charCodeAt(index)) / 30) });
    }
  }
  return marks;
}

function isRunOfMarks(run) {
  if (!Array.isArray(run)) return false;
  const [start, signs, length] = run;
  return Number.isInteger(start) && typeof signs === 'string' && Number.isInteger(length) && length > 0;
}
