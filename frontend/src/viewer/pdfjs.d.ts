/** The half of pdf.js that reads the file. Its types tell of the other half only. */
declare module "pdfjs-dist/legacy/build/pdf.worker.mjs" {
  export const WorkerMessageHandler: object;
}
