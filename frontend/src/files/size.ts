/** Sizes as people read them. */

const STEP = 1024;
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** A size in bytes in words of `language`: "12 B", "340 kB", "1,5 MB". Steps of 1,024, as file managers count. */
export function sizeText(bytes: number, language: string): string {
  let place = 0;
  let amount = bytes;
  // What would be shown as 1,024 of a unit is one of the next.
  while (place < UNITS.length - 1 && Math.round(amount) >= STEP) {
    amount /= STEP;
    place += 1;
  }
  const unit = UNITS[place] ?? "byte";
  const digits = amount < 10 && place > 0 ? 1 : 0;
  const format = { maximumFractionDigits: digits, style: "unit", unit, unitDisplay: "short" } as const;
  // A number and its unit are not parted at the end of a line.
  return new Intl.NumberFormat(language, format).format(amount).replaceAll(" ", "\u00a0");
}
