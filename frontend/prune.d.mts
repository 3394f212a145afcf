/** The style sheet without what the sources in `folders` never name. */
export function prune(css: string, folders: readonly string[]): string;
