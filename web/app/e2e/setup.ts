// Before all tests: is there what they need?

import { existsSync } from 'node:fs';

import { command } from './world';
import { chromium } from './person';

export default function setup(): void {
  if (!existsSync(command)) throw new Error(`${command} is missing: run "make build", or name the command in SXP_BIN`);
  if (!existsSync(chromium)) throw new Error(`there is no ${chromium}: install Debian's package chromium, or name it in SXP_CHROMIUM`);
}
