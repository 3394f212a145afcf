/** Sizes as people read them. */

const STEP = 1024;
const UNITS = ["kilobyte", "megabyte", "gigabyte"] as const;

/** A size in bytes in words of `language`: "12 B", "340 kB", "1,5 MB". Steps of 1,024, as file managers count. */
export function sizeText(bytes: number, language: string): string {
  // Languages differ in how they shorten the word for one byte; the letter is understood in all.
  if (bytes < STEP) return `${bytes.toLocaleString(language)}\u00a0B`;
  let amount = bytes / STEP;
  let place = 0;
  // What would be shown as 1,024 of a unit is one of the next.
  while (place < UNITS.length - 1 && Math.round(amount) >= STEP) {
    amount /= STEP;
    place += 1;
  }
  const digits = amount < 10 ? 1 : 0;
  const unit = UNITS[place] as string;
  const format = { maximumFractionDigits: digits, style: "unit", unit, unitDisplay: "short" } as const;
  // A number and its unit are not parted at the end of a line.
  return new Intl.NumberFormat(language, format).format(amount).replaceAll(" ", "\u00a0");
}
