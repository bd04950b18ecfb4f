import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { findProgram } from '../../sandbox/servers/find-program';

/** Chromium as root in a container, and without calls home. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A first page of a browser on a busy machine may take long; a condition that comes true is never waited out. */
const PATIENCE_MS = 60_000;

export const VIEWPORT = { width: 1280, height: 800 };

/** Temporal's Web UI as a person has it: in a browser, by what stands on the buttons. */
export class WebUi {
  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
    private readonly workflows: string,
  ) {}

  /**
   * @param url of the Web UI
   * @throws ProgramMissing, which says what to do, where there is no Chromium
   */
  static async open(url: string, namespace = 'default'): Promise<WebUi> {
    const browser = await chromium.launch({ executablePath: await findProgram('chromium'), args: FLAGS });
    try {
      const context = await browser.newContext({ viewport: VIEWPORT, timezoneId: 'UTC', reducedMotion: 'reduce' });
      context.setDefaultTimeout(PATIENCE_MS);
      return new WebUi(browser, await context.newPage(), `${url}/namespaces/${namespace}/workflows`);
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  /** The list of workflows that a visibility query gives, by the address that a saved view has. */
  async list(query: string): Promise<void> {
    await this.page.goto(`${this.workflows}?query=${encodeURIComponent(query)}`);
    await this.page.getByRole('table', { name: 'Workflows' }).waitFor();
  }

  /** Replaces columns of the list, with the gear below it. */
  async columns({ remove, add }: { remove: readonly string[]; add: readonly string[] }): Promise<void> {
    // The buttons beside "Next" have an icon and no name: the download, then the gear.
    await this.page.getByRole('navigation', { name: 'Workflows' }).getByRole('button').nth(1).click();
    for (const name of remove) await this.page.getByRole('button', { name: `Remove ${name} column` }).click();
    for (const name of add) await this.page.getByRole('button', { name: `Add ${name} column` }).click();
    await this.page.getByRole('button', { name: 'Close Workflows Table configuration' }).click();
  }

  /** A workflow in the list; on the page only while the query gives it. */
  row(workflowId: string): Locator {
    return this.page.getByRole('link', { name: workflowId, exact: true }).first();
  }

  /** From the list to a workflow's page. */
  async openFromList(workflowId: string): Promise<void> {
    await this.row(workflowId).click();
    await this.heading(workflowId).waitFor();
  }

  /** A workflow's page, by its address: the latest run. */
  async workflow(workflowId: string): Promise<void> {
    await this.page.goto(`${this.workflows}/${workflowId}`);
    await this.heading(workflowId).waitFor();
  }

  async tab(name: 'History' | 'User Metadata' | 'Search Attributes'): Promise<void> {
    await this.page.getByRole('tab', { name }).click();
  }

  /** The Markdown beside "Current Details" as it reads on the tab "User Metadata": the last of three frames there. */
  async currentDetails(): Promise<string> {
    const frame = this.page.locator('iframe').nth(2);
    await frame.waitFor();
    return frame.contentFrame().locator('body').innerText();
  }

  /** Whether the last words of the details are within their frame: the Web UI shows no scroll bar to whom they are not. */
  async showsAllDetails(): Promise<boolean> {
    const iframe = this.page.locator('iframe').nth(2);
    const last = iframe.contentFrame().locator('p').filter({ hasText: /\w/ }).last();
    const [frame, words] = [await iframe.boundingBox(), await last.boundingBox()];
    return frame !== null && words !== null && words.y + words.height <= frame.y + frame.height;
  }

  /** What stands beside "Summary". */
  async summary(): Promise<string> {
    const frame = this.page.locator('iframe').first();
    await frame.waitFor();
    return frame.contentFrame().locator('body').innerText();
  }

  /** Opens More Actions, Send a Signal, and the list of signals in that form. */
  async openSignalForm(): Promise<Locator> {
    await this.page.getByRole('button', { name: 'More Actions' }).click();
    await this.page.getByRole('menuitem', { name: 'Send a Signal' }).click();
    const form = this.page.getByRole('dialog', { name: 'Send a Signal' });
    await form.getByRole('button', { name: 'Select a signal' }).click();
    return form;
  }

  /** Sends a signal with the form, and leaves its input empty. */
  async sendSignal(name: string): Promise<void> {
    const form = await this.openSignalForm();
    // A signal's description is part of its option.
    await form.getByRole('option', { name: new RegExp(`^${name}\\b`) }).click();
    await form.getByRole('button', { name: 'Submit' }).click();
    await form.waitFor({ state: 'hidden' });
  }

  private heading(workflowId: string): Locator {
    return this.page.getByRole('heading', { name: workflowId });
  }
}
