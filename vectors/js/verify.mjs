#!/usr/bin/env node
// node verify.mjs FILE... says of each file whether it is a valid contract, a
// valid void certificate or a signed message, and if not, why. The exit code is
// 0 if all are valid, 1 if one is not, 2 if one cannot be read.

import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bytesToHex } from '@noble/hashes/utils.js';
import { Refusal, within } from './refuse.mjs';
import { parse } from './envelope.mjs';
import { verifyFile } from './file.mjs';
import { openCard } from './identity.mjs';
import { openProposal } from './proposal.mjs';
import { openRoll } from './roll.mjs';
import { openClaim } from './session.mjs';
import { idText } from './text.mjs';

const readers = { 'sxp.card/1': openCard, 'sxp.proposal/1': openProposal, 'sxp.roll/1': openRoll, 'sxp.claim/1': openClaim };

// verify returns in words what valid input is; it throws a Refusal for other input.
export function verify(raw) {
  within(raw.length, 4 << 20, 'bytes of a file');
  if (raw[0] === 0xd2) {
    const m = parse(raw);
    readers[m.type]?.(raw);
    const depth = readers[m.type] ? 'with its fields' : 'its fields were not checked';
    return `a signed message ${m.type} by ${idText(m.signer)} (${depth}), digest ${bytesToHex(m.digest)}`;
  }
  const r = verifyFile(raw);
  const drawn = r.drawChecked ? 'the draw was checked' : 'the draw was not checked: the roll is not in the file';
  return `a ${r.kind}, "${r.title}", of ${r.parties.join(', ')}; m ${r.m}; ${drawn}`;
}

function main(files) {
  let code = 0;
  for (const file of files) {
    try {
      console.log(`${file}: valid: ${verify(new Uint8Array(readFileSync(file)))}`);
    } catch (e) {
      if (e instanceof Refusal) console.log(`${file}: NOT valid (${e.kind}): ${e.message}`);
      else if (e.code) console.error(`${file}: ${e.message}`);
      else throw e;
      code = Math.max(code, e instanceof Refusal ? 1 : 2);
    }
  }
  return code;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (process.argv.length < 3) {
    console.error('usage: node verify.mjs FILE...');
    process.exit(2);
  }
  process.exit(main(process.argv.slice(2)));
}
