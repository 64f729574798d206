import { readFile } from 'node:fs/promises';
import { strFromU8, unzipSync } from 'fflate';
import type { Browser, Download, Page } from 'playwright-core';
import { signInAs, takeFile } from '../../browser.ts';

/** An amount as the API writes it. */
export interface Money {
  amount: string;
  currency: string;
}

/** An amount in whole cents. */
export const cents = ({ amount }: Money) => BigInt(Math.round(Number(amount) * 100));
/** An amount as a screen shows it. */
export const amountText = ({ amount }: Money) =>
  Number(amount).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
/** A date moved by whole days. */
export const plusDays = (date: string, days: number) =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
/** A date as a screen shows it. */
export const dayText = (date: string) =>
  new Date(`${date}T00:00:00Z`).toLocaleDateString('en-US', {
    ...{ month: 'short', day: 'numeric' },
    ...{ year: 'numeric', timeZone: 'UTC' },
  });

/** One demo house with the people who work in it, shared by the journeys of finance. */
export class Stage {
  /** Where the product is. */
  readonly base: string;
  /** What went wrong behind the screens since it was taken last. */
  readonly #errors: string[] = [];
  readonly #pages = new Map<string, Page>();
  readonly #browser: Browser;

  constructor(browser: Browser, base: string) {
    this.#browser = browser;
    this.base = base;
  }

  /** A page of somebody, signed in once. */
  async pageOf(who: string): Promise<Page> {
    const known = this.#pages.get(who);
    if (known) return known;
    const page = await signInAs(this.#browser, this.base, who);
    page.on('pageerror', (error) => this.#errors.push(String(error)));
    this.#pages.set(who, page);
    return page;
  }

  /** The page of somebody at a path of the product. */
  async at(who: string, path: string): Promise<Page> {
    const page = await this.pageOf(who);
    await page.goto(this.base + path);
    return page;
  }

  /** What failed behind the screens; empty again afterwards. */
  takeErrors(): string[] {
    return this.#errors.splice(0);
  }
}

/** The stage of the journeys, once it is set. */
export type OnStage = () => Stage;

/** What the API answers the page's person. */
export async function read<T>(page: Page, path: string): Promise<T> {
  return page.evaluate(async (path) => {
    const renewed = await fetch('/api/v1/auth/refresh', { method: 'POST' });
    const { accessToken } = (await renewed.json()) as { accessToken: string };
    const response = await fetch(`/api/v1${path}`, { headers: { authorization: `Bearer ${accessToken}` } });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return (await response.json()) as T;
  }, path);
}

/** The title of what is shown on the right. */
export const heading = (page: Page) => page.locator('.pane-detail h2').first();

/** Presses the first Export that is there and takes the spreadsheet. */
export async function exportSheet(page: Page): Promise<Download> {
  const button = page
    .locator('.screen')
    .getByRole('button', { name: 'Export', exact: true })
    .and(page.locator(':enabled'));
  await button.first().click();
  return takeFile(page, page.getByRole('menuitem', { name: 'Spreadsheet (XLSX)' }));
}

/** Everything that is written in a spreadsheet, as one text of XML. */
export async function textOfSheet(file: Download): Promise<string> {
  const parts = Object.entries(unzipSync(await readFile(await file.path())));
  return parts.map(([, bytes]) => strFromU8(bytes)).join();
}
