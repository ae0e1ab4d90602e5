import { html } from "hono/html";

/** A piece of a page. Every value that is put into one is escaped. */
export type Html = ReturnType<typeof html>;

/** A page with a heading and a part below it. Its style is at `/page/style.css`; it has no script. */
export function barePage(title: string, body: unknown): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/page/style.css" />
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;
}
