/** A QR code on a canvas, from its rows of `0` and `1`: no image address is needed, so none has to be allowed. */

const QUIET = 4;
const SCALE = 5;

export function drawMatrix(canvas: HTMLCanvasElement, rows: readonly string[]): void {
  const side = (rows.length + 2 * QUIET) * SCALE;
  canvas.width = side;
  canvas.height = side;
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, side, side);
  pen.fillStyle = "#000";
  for (const [y, row] of rows.entries()) {
    for (const [x, module] of [...row].entries()) {
      if (module === "1") pen.fillRect((x + QUIET) * SCALE, (y + QUIET) * SCALE, SCALE, SCALE);
    }
  }
}
