import { invalidField } from "./names.ts";
import type { Documentation } from "./resources.ts";

const CONTENT_CHARACTERS_MAX = 8192;
const TEXT_BYTES_MAX = 10_240;
const LINKS_MAX = 3;
const LINK_NAME_MAX = 63;
const LINK_URL_MAX = 2083;

/**
 * Checks the documentation of a policy.
 * Source: google/monitoring/v3/alert.proto, AlertPolicy.Documentation
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkDocumentation(documentation: Documentation): void {
  const { content = "", mimeType = "text/markdown", subject = "" } = documentation;
  const characters = Array.from(content).length;
  if (characters > CONTENT_CHARACTERS_MAX || Buffer.byteLength(content) > TEXT_BYTES_MAX) {
    throw invalidField(
      "documentation.content",
      "…",
      `it may not exceed ${CONTENT_CHARACTERS_MAX} characters and ${TEXT_BYTES_MAX} bytes`,
    );
  }
  if (mimeType !== "text/markdown") {
    throw invalidField("documentation.mime_type", mimeType, "only text/markdown is supported");
  }
  if (Buffer.byteLength(subject) > TEXT_BYTES_MAX) {
    throw invalidField("documentation.subject", "…", `at most ${TEXT_BYTES_MAX} bytes`);
  }
  checkLinks(documentation.links ?? []);
}

function checkLinks(links: NonNullable<Documentation["links"]>): void {
  if (links.length > LINKS_MAX) {
    throw invalidField("documentation.links", links.length, `at most ${LINKS_MAX} links`);
  }
  for (const { displayName = "", url = "" } of links) {
    checkLength("documentation.links.display_name", displayName, LINK_NAME_MAX);
    checkLength("documentation.links.url", url, LINK_URL_MAX);
  }
}

function checkLength(field: string, text: string, max: number): void {
  if (text === "" || text.length > max) {
    throw invalidField(field, text, `it has 1 to ${max} characters`);
  }
}
