import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What the name of a file ends with that is not yet in its place. */
export const draftEnd = '.new';

const isAbsent = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeDraft(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}${draftEnd}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return draft;
}

/** Puts a file (0600) in the place of what is there, whole or not at all, and on the disk when it returns. */
export async function replaceKeyFile(path: string, text: string): Promise<void> {
  await rename(await writeDraft(path, text), path);
  await syncFolder(dirname(path));
}

/** Like {@link replaceKeyFile}, but of several at once only the first one stays; answers whether it was this one. */
export async function addKeyFile(path: string, text: string): Promise<boolean> {
  const draft = await writeDraft(path, text);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
    await syncFolder(dirname(path));
  }
}

/** The text of a key file; undefined where there is none. */
export async function readKeyFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Overwrites a file, as far as the disk lets us, and removes it; nothing where it is gone. */
async function wipe(path: string): Promise<void> {
  const file = await open(path, 'r+').catch((error) => (isAbsent(error) ? undefined : Promise.reject(error)));
  if (!file) return;
  try {
    await file.write(Buffer.alloc((await file.stat()).size), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await rm(path, { force: true });
}

/** Removes a key file for good, with the drafts of it that whoever was killed while writing left beside it. */
export async function destroyKeyFile(path: string): Promise<void> {
  const folder = dirname(path);
  const names: string[] = await readdir(folder).catch((error) => (isAbsent(error) ? [] : Promise.reject(error)));
  const drafts = names.filter((name) => name.startsWith(`${basename(path)}.`) && name.endsWith(draftEnd));
  if (drafts.length === 0 && !names.includes(basename(path))) return;
  for (const one of [path, ...drafts.map((name) => join(folder, name))]) await wipe(one);
  await syncFolder(folder);
}
