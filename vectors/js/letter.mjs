// Letters: spec/agent.md, "sxp.letter/1".

import { Refusal, at, must, tooLarge, within } from './refuse.mjs';
import { open } from './envelope.mjs';
import { bytes, list, map, optional, text, integer } from './fields.mjs';
import { size } from './text.mjs';

const readLetter = map({
  to: bytes(32),
  at: integer(-(2n ** 63n), 2n ** 63n - 1n),
  text: text(),
  kind: optional(text()),
  subject: optional(text()),
  files: optional(list(map({ name: text(), type: optional(text()), data: bytes() }))),
  deal: optional(bytes(32)),
});

const oneLine = (s) => !/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(s);

// openLetter reads and checks a signed letter.
export function openLetter(raw) {
  const m = open(raw, 'sxp.letter/1', readLetter);
  const { kind = '', subject = '', files = [], text: words, deal } = m.value;
  must(['', 'mail', 'file', 'post'].includes(kind), `no kind ${kind}`);
  must(subject === '' || kind === 'mail' || kind === 'post', 'only a mail or a post has a subject');
  must(kind !== 'mail' || subject !== '', 'a mail has a subject');
  must(kind !== '' || files.length === 0, 'a message has no files');
  must(kind !== 'file' || files.length > 0, 'a letter of files has at least one');
  must(kind !== 'post' || deal === undefined, 'a post names no deal');
  within(size(subject), 200, 'bytes of a subject');
  must(oneLine(subject), 'a subject is one line');
  within(files.length, 16, 'files');
  files.forEach((f, i) => at(`file ${i}`, () => checkFile(f)));
  within(files.reduce((n, f) => n + f.data.length, 0), 524_288, 'bytes of files');
  if (words === '' && kind !== 'file') tooLarge('a message has a text');
  within(size(words), 16_384, 'bytes of text');
  must(!/[\x00-\x08\x0b-\x1f\x7f]/.test(words), 'a control character');
  return { ...m.value, signer: m.signer };
}

function checkFile({ name, type = '' }) {
  if (name === '') tooLarge('a file without a name');
  within(size(name), 255, 'bytes of a name');
  must(oneLine(name) && !/[/\\:]/.test(name) && !name.startsWith('.') && name.trim() === name, 'the name of a file');
  if (size(type) > 127 || /[^\x21-\x7e]/.test(type)) throw new Refusal('invalid', 'a media type');
}
