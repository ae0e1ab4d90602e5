/** A page as one visitor finds it. */
export type FoundPage = {
  /** Path and query. */
  readonly path: string;
  readonly status: number;
  readonly text: string;
};

/** What a visitor can do there: the last part of the address of its page. */
const ACTS =
  /\/(?<act>promote|rollback|hold|restore|migrate|approve|reject|cancel|retry|lift|mark|unmark|new)$/;

/** How many pages there are at most in a world of tests. */
const PAGES_MAX = 400;

/** What the form at an address does; null where it is none that does something. */
export function actOf(path: string): string | null {
  return ACTS.exec(path.split("?")[0] ?? "")?.groups?.["act"] ?? null;
}

/** Goes to every page that links lead to, from the overview on, as the person that `open` stands for. */
export async function crawl(
  open: (path: string) => Promise<Omit<FoundPage, "path">>,
): Promise<readonly FoundPage[]> {
  const found = new Map<string, FoundPage>();
  const wanted = ["/"];
  for (let path = wanted.shift(); path !== undefined; path = wanted.shift()) {
    if (found.has(path)) {
      continue;
    }
    if (found.size === PAGES_MAX) {
      throw new Error(`there are more pages than ${PAGES_MAX}, the last of them ${path}`);
    }
    const { status, text } = await open(path);
    found.set(path, { path, status, text });
    wanted.push(...linksOf(text, path));
  }
  return [...found.values()];
}

/** The addresses of ours that a page leads to, in the order in which they stand. */
function linksOf(text: string, from: string): readonly string[] {
  const found = [...text.matchAll(/<a\b[^>]*\shref="(?<to>[^"]+)"/g)].map(
    ({ groups }) => new URL((groups?.["to"] ?? "").replaceAll("&amp;", "&"), `http://here${from}`),
  );
  return found
    .filter(({ host, pathname }) => host === "here" && !pathname.startsWith("/assets/"))
    .map(({ pathname, search }) => `${pathname}${search}`);
}
