import type { Page } from 'playwright-core';

/** Waits for a page of the local Entra by its heading. */
export function heading(page: Page, name: string): Promise<void> {
  return page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

/** Chooses an account, as a user does. */
export async function chooseAccount(page: Page, displayName: string): Promise<void> {
  await heading(page, 'Choose an account');
  await page.getByRole('button', { name: displayName }).click();
}

/** Accepts what an app asks for. */
export async function accept(page: Page): Promise<void> {
  await heading(page, 'Permissions requested');
  await page.getByRole('button', { name: 'Accept' }).click();
}
