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
import { byId, say, show, text } from "../handler/dom";
import { Unshown } from "./errors";

// pdf.js runs here itself: an origin-less frame may start no worker from an address, and needs none to stay apart.
Object.assign(globalThis, { pdfjsWorker: { WorkerMessageHandler } });

const MOST_PAGES = 2000;
/** Pixels of one drawn page, and of one picture in it. */
const MOST_PIXELS = 16_000_000;
const MOST_PICTURE = 50_000_000;
/** Of a drawn page, in CSS pixels, where there is no room for it at all. */
const NARROWEST = 120;
const SETTLED_MS = 200;
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

/** Turn two buttons on and off. One that goes off while it has the focus hands it to the other. */
function either(one: string, oneOn: boolean, other: string, otherOn: boolean): void {
  const [first, second] = [byId(one, HTMLButtonElement), byId(other, HTMLButtonElement)];
  const held = document.activeElement;
  first.disabled = !oneOn;
  second.disabled = !otherOn;
  if (held === first && !oneOn) second.focus();
  if (held === second && !otherOn) first.focus();
}

class Pages {
  private readonly canvas = byId("page", HTMLCanvasElement);
  private number = 1;
  private zoom = 0;
  /** What it was drawn for, in CSS pixels. */
  private room = 0;
  private drawing: RenderTask | null = null;
  /** Counts what was asked for: only the newest is drawn. */
  private asked = 0;
  private readonly last: number;

  constructor(private readonly file: PDFDocumentProxy) {
    this.last = Math.min(file.numPages, MOST_PAGES);
    this.on("previous", () => this.turn(-1));
    this.on("next", () => this.turn(1));
    this.on("smaller", () => this.resize(-1));
    this.on("larger", () => this.resize(1));
    this.drawAnewWhenResized();
    addEventListener("keydown", ({ altKey, ctrlKey, key, metaKey }) => {
      const by = { PageDown: 1, PageUp: -1 }[key];
      if (by !== undefined && !altKey && !ctrlKey && !metaKey) void this.turn(by);
    });
  }

  private roomNow(): number {
    return Math.max(NARROWEST, this.canvas.parentElement?.clientWidth ?? 0);
  }

  /** As sharp as the room allows also after the window was turned, widened or magnified. */
  private drawAnewWhenResized(): void {
    let settled: ReturnType<typeof setTimeout> | undefined;
    addEventListener("resize", () => {
      clearTimeout(settled);
      settled = setTimeout(() => {
        if (this.roomNow() !== this.room) void this.draw();
      }, SETTLED_MS);
    });
  }

  async draw(): Promise<void> {
    const { number } = this;
    this.asked += 1;
    const { asked } = this;
    byId("page-number").textContent = text("page", { all: this.file.numPages, number });
    either("previous", number > 1, "next", number < this.last);
    either("smaller", this.zoom > 0, "larger", this.zoom < ZOOMS.length - 1);
    this.drawing?.cancel();
    try {
      const page = await this.file.getPage(number);
      if (asked !== this.asked) return;
      await this.render(page);
      await this.tell(page, asked);
    } catch {
      // Turned on meanwhile, or nothing that can be drawn: the other pages can still be read.
      if (asked !== this.asked) return;
      this.canvas.width = 0;
      byId("page-text").textContent = "";
      say(byId("status"), text("page-failed"), "bad");
    }
  }

  private async render(page: PDFPageProxy): Promise<void> {
    const whole = page.getViewport({ scale: 1 });
    const zoom = ZOOMS[this.zoom] ?? 1;
    this.room = this.roomNow();
    const width = this.room * zoom;
    const fitting = (width / whole.width) * Math.min(2, devicePixelRatio);
    const scale = Math.min(fitting, Math.sqrt(MOST_PIXELS / (whole.width * whole.height)));
    const viewport = page.getViewport({ scale });
    this.canvas.width = Math.max(1, Math.floor(viewport.width));
    this.canvas.height = Math.max(1, Math.floor(viewport.height));
    // A share of the room that there is, so that it fits before it has been drawn anew.
    this.canvas.style.inlineSize = `${100 * zoom}%`;
    this.drawing = page.render({ annotationMode: AnnotationMode.DISABLE, canvas: this.canvas, viewport });
    await this.drawing.promise;
  }

  /** The page's words, for whoever has the page read out. */
  private async tell(page: PDFPageProxy, asked: number): Promise<void> {
    const content = await page.getTextContent().catch(() => ({ items: [] }));
    if (asked !== this.asked) return;
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
    say(byId("status"), "");
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
