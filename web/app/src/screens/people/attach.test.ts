import { expect, test } from 'vitest';

import { isPicture, nameOf, pack } from './attach';

test('a name has no folders, no control characters and an end', () => {
  expect(nameOf('/srv/ana/secret/cat.jpg')).toBe('cat.jpg');
  expect(nameOf('C:\\Users\\ana\\cat.jpg')).toBe('cat.jpg');
  expect(nameOf('a\u0000b\nc')).toBe('abc');
  expect(nameOf('..')).toBe('file');
  expect(nameOf('')).toBe('file');
  expect(nameOf('x'.repeat(300) + '.pdf')).toHaveLength(60);
  expect(nameOf('x'.repeat(300) + '.pdf')).toMatch(/\.pdf$/);
});

test('only pixels are shown as pictures', () => {
  expect(isPicture({ type: 'image/png' })).toBe(true);
  for (const type of ['image/svg+xml', 'text/html', 'application/pdf', '', undefined]) expect(isPicture({ type })).toBe(false);
});

test('a file goes as it is, and not where there is no room', async () => {
  const note = new File(['hello'], 'note.txt', { type: 'text/plain' });
  expect(await pack(note, 5, false)).toEqual({ name: 'note.txt', type: 'text/plain', data: 'aGVsbG8' });
  await expect(pack(note, 4, false)).rejects.toMatchObject({ kind: 'toolarge' });
});

test('a photo that cannot be read does not go with what the camera wrote in it', async () => {
  const photo = new File(['no picture'], 'photo.heic', { type: 'image/heic' });
  await expect(pack(photo, 1000, true)).rejects.toThrow();
});
