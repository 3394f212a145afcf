/**
 * A PDF drawn page by page. Its scripts, forms, links and other actions are not even read into anything that could act;
 * its own fonts are drawn as outlines; nothing is fetched, since all of it was handed in.
 */
import {
  AnnotationMode,
  getDocument,
  type PDFDocumentProxy,
  type PDFPageProxy,
  type RenderTask,
  VerbosityLevel,
} from "pdfjs-dist/legacy/build/pdf.mjs";
import { WorkerMessageHandler } from "pdfjs-dist/legacy/build/pdf.worker.mjs";
import { byId, show, text } from "../handler/dom";
import { Unshown } from "./errors";

// pdf.js runs here itself: an origin-less frame may start no worker from an address, and needs none to stay apart.
Object.assign(globalThis, { pdfjsWorker: { WorkerMessageHandler } });

const MOST_PAGES = 2000;
/** Pixels of one drawn page, and of one picture in it. */
const MOST_PIXELS = 16_000_000;
const MOST_PICTURE = 50_000_000;
const ZOOMS = [1, 1.5, 2, 3] as const;

async function open(bytes: ArrayBuffer): Promise<PDFDocumentProxy> {
  const options = {
    data: new Uint8Array(bytes),
    canvasMaxAreaInBytes: 4 * MOST_PICTURE,
    disableAutoFetch: true,
    disableFontFace: true,
    disableRange: true,
    disableStream: true,
    enableXfa: false,
    isEvalSupported: false,
    isImageDecoderSupported: false,
    isOffscreenCanvasSupported: false,
    maxImageSize: MOST_PICTURE,
    useSystemFonts: false,
    useWasm: false,
    useWorkerFetch: false,
    verbosity: VerbosityLevel.ERRORS,
  };
  try {
    return await getDocument(options).promise;
  } catch (error) {
    throw new Unshown(error instanceof Error && error.name === "PasswordException" ? "locked-pdf" : "damaged");
  }
}

class Pages {
  private readonly canvas = byId("page", HTMLCanvasElement);
  private number = 1;
  private zoom = 0;
  private drawing: RenderTask | null = null;
  private readonly last: number;

  constructor(private readonly file: PDFDocumentProxy) {
    this.last = Math.min(file.numPages, MOST_PAGES);
    this.on("previous", () => this.turn(-1));
    this.on("next", () => this.turn(1));
    this.on("smaller", () => this.resize(-1));
    this.on("larger", () => this.resize(1));
    addEventListener("keydown", ({ altKey, ctrlKey, key, metaKey }) => {
      const by = { PageDown: 1, PageUp: -1 }[key];
      if (by !== undefined && !altKey && !ctrlKey && !metaKey) void this.turn(by);
    });
  }

  async draw(): Promise<void> {
    const { number } = this;
    byId("page-number").textContent = text("page", { all: this.file.numPages, number });
    byId("previous", HTMLButtonElement).disabled = number <= 1;
    byId("next", HTMLButtonElement).disabled = number >= this.last;
    byId("smaller", HTMLButtonElement).disabled = this.zoom === 0;
    byId("larger", HTMLButtonElement).disabled = this.zoom === ZOOMS.length - 1;
    this.drawing?.cancel();
    const page = await this.file.getPage(number);
    if (number !== this.number) return;
    await this.render(page);
    await this.tell(page, number);
  }

  private async render(page: PDFPageProxy): Promise<void> {
    const whole = page.getViewport({ scale: 1 });
    const width = Math.max(280, document.documentElement.clientWidth - 32) * (ZOOMS[this.zoom] ?? 1);
    const fitting = (width / whole.width) * Math.min(2, devicePixelRatio);
    const scale = Math.min(fitting, Math.sqrt(MOST_PIXELS / (whole.width * whole.height)));
    const viewport = page.getViewport({ scale });
    this.canvas.width = Math.max(1, Math.floor(viewport.width));
    this.canvas.height = Math.max(1, Math.floor(viewport.height));
    this.canvas.style.inlineSize = `${Math.floor(width)}px`;
    const task = page.render({ annotationMode: AnnotationMode.DISABLE, canvas: this.canvas, viewport });
    this.drawing = task;
    try {
      await task.promise;
    } catch {
      // Turned on meanwhile, or nothing that can be drawn: the page stays white, the others can still be read.
      if (this.drawing === task) byId("status").textContent = text("page-failed");
    }
  }

  /** The page's words, for whoever has the page read out. */
  private async tell(page: PDFPageProxy, number: number): Promise<void> {
    const content = await page.getTextContent().catch(() => ({ items: [] }));
    if (number !== this.number) return;
    const words = content.items.flatMap((item) => ("str" in item ? [item.str + (item.hasEOL ? "\n" : "")] : []));
    byId("page-text").textContent = words.join("").trim() || text("page-without-text");
  }

  private on(id: string, act: () => Promise<void>): void {
    byId(id).addEventListener("click", () => void act());
  }

  private async turn(by: number): Promise<void> {
    const to = this.number + by;
    if (to < 1 || to > this.last) return;
    this.number = to;
    byId("status").textContent = "";
    scrollTo({ top: 0 });
    await this.draw();
  }

  private async resize(by: number): Promise<void> {
    const to = this.zoom + by;
    if (to < 0 || to >= ZOOMS.length) return;
    this.zoom = to;
    await this.draw();
  }
}

/** Show a PDF from its first page. Raises Unshown. */
export async function showPdf(bytes: ArrayBuffer): Promise<void> {
  const pages = new Pages(await open(bytes));
  show(true, byId("pdf"));
  await pages.draw();
}
