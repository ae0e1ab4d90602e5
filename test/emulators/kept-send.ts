/** How something is written to an emulator, and found again. Paths are below the emulator's address. */
export type KeptWrites = {
  /** Makes what the writes need, unless it is there. */
  readonly prepare?: (url: string) => Promise<void>;
  /** How many may write at once; some when left out. */
  readonly callers?: number;
  /** Writes the thing of a number, and resolves once it was acknowledged; false when there is none of that number. */
  readonly write: (url: string, number: number) => Promise<boolean>;
  /** Whether the thing of a number is there, as it was written. */
  readonly holds: (url: string, number: number) => Promise<boolean>;
};

/** Where resources with a location are. */
export const PLACE = "projects/acme/locations/us-central1";
/** The header of a body that is JSON. */
export const JSON_TYPE = { "content-type": "application/json" };

/** A content of some kilobytes that no other number has. */
export function contentOf(number: number): string {
  return `${number} `.repeat(2000);
}

/** @throws Error when the answer is a refusal. */
export async function send(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) {
    throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  }
  return response;
}

/** The answer's body. @throws Error when it is a refusal. */
export async function json<Body>(url: string, init: RequestInit = {}): Promise<Body> {
  const body: unknown = await (await send(url, init)).json();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each caller reads what its API answers
  return body as Body;
}
