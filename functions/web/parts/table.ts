import { html } from "hono/html";
import { NOTHING } from "./html.ts";
import type { Html } from "./html.ts";

/** A table: what it is about, its headings, and a row's cells in their order. */
export type Table = {
  /** For those who hear the page: what the table lists. */
  readonly caption: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Html[])[];
  /** What each row is of, by the same order, where rows come and go while one looks. */
  readonly keys?: readonly string[];
  /** Whether rows become blocks on a narrow screen, each cell with its heading; a wide table is moved sideways instead. */
  readonly isStacked?: boolean;
  readonly className?: string;
  /** What stands in the place of a table that has no rows; its head alone where this is left out. */
  readonly empty?: string;
};

/**
 * A table whose first cell names its row. The roles are written out, since a table that is shown as blocks loses them.
 */
export function table(listed: Table): Html {
  const { caption, headings, rows, keys = [], isStacked = true, className = "", empty } = listed;
  if (rows.length === 0 && empty !== undefined) {
    return html`<p class="quiet">${empty}</p>`;
  }
  const kind = isStacked ? "stacked" : "wide";
  return html`<div
    class="${kind}"
    tabindex="${isStacked ? "-1" : "0"}"
    role="group"
    aria-label="${caption}"
  >
    <table role="table" class="${className}">
      <caption class="unseen">
        ${caption}
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          ${headings.map((heading) => html`<th role="columnheader" scope="col">${heading}</th>`)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map((cells, index) => row(cells, headings, keys[index]))}
      </tbody>
    </table>
  </div>`;
}

function row(cells: readonly Html[], headings: readonly string[], key: string | undefined): Html {
  const named = key === undefined ? NOTHING : html` data-key="${key}"`;
  return html`<tr role="row" ${named}>
    ${cells.map((cell, index) =>
      index === 0
        ? html`<th role="rowheader" scope="row">${cell}</th>`
        : html`<td role="cell" data-heading="${headings[index] ?? ""}">${cell}</td>`,
    )}
  </tr>`;
}
