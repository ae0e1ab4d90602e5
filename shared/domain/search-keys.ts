import { attentionOf, searchedTexts } from "./attention.ts";
import type { Attention, ServiceFilter } from "./attention.ts";
import { toOwnerKey } from "./owner-key.ts";
import type { Category } from "./service.ts";
import type { ServiceState } from "./state.ts";
import { instant } from "./time.ts";

/** The longest pieces of a name that are keys: a longer text is found by all of its pieces of this length. */
const PIECE_LENGTH_MAX = 3;

/** How many pieces of a text a search asks for, all of an id's: the text itself decides about what they find. */
const PIECES_ASKED_MAX = 20;

/** The key of every service that was not removed. */
export const PRESENT = "present";

/** Keys are kept with a service, whatever the time is when somebody searches: a hold counts also when it has run out. */
const WHENEVER = instant(0);

/**
 * The keys by which a service is found: pieces of its id and name, its owners, and of each environment the category and
 * the reasons to look at it, but for holds on everything.
 */
export function searchKeysOf(state: ServiceState): readonly string[] {
  const { owners, environments } = state.service;
  const own = { ...state, globalHolds: [] };
  const places = environments.flatMap((environment) => {
    const category = categoryKey(environment.category);
    const attentions = attentionOf(own, environment, WHENEVER).map(attentionKey);
    return [category].concat(
      attentions,
      attentions.map((attention) => `${category} ${attention}`),
    );
  });
  const pieces = searchedTexts(state.service).flatMap((text) =>
    [1, 2, PIECE_LENGTH_MAX].flatMap((length) => piecesOf(text, length)),
  );
  const there = state.removedAt === null ? [PRESENT] : [];
  const keys = [...pieces.map(pieceKey), ...owners.map(ownerKey), ...places, ...there];
  return [...new Set(keys)].toSorted();
}

/**
 * The keys that every service has which a filter wants. Others may have them too: a piece here and a piece there are not
 * the text. `isAllHeld`: a hold on everything is on, which no service's own keys tell.
 */
export function searchKeysFor(
  { owner, category, attention, ...filter }: ServiceFilter,
  isAllHeld: boolean,
): readonly string[] {
  const text = filter.text.toLowerCase();
  const length = Math.min(Array.from(text).length, PIECE_LENGTH_MAX);
  const asked = attention === "held" && isAllHeld ? null : attention;
  const place = [
    ...(category === null ? [] : [categoryKey(category)]),
    ...(asked === null ? [] : [attentionKey(asked)]),
  ].join(" ");
  return [
    ...spread([...new Set(piecesOf(text, length))]).map(pieceKey),
    ...(owner === "" ? [] : [ownerKey(owner)]),
    ...(place === "" ? [] : [place]),
  ];
}

/** Every piece of a text of that length; none of a shorter text. */
function piecesOf(text: string, length: number): readonly string[] {
  const letters = Array.from(text);
  return length === 0
    ? []
    : letters
        .slice(0, Math.max(0, letters.length - length + 1))
        .map((_, at) => letters.slice(at, at + length).join(""));
}

/** As many pieces as are asked for, from everywhere in the text: names begin alike, and end apart. */
function spread(pieces: readonly string[]): readonly string[] {
  return pieces.length <= PIECES_ASKED_MAX
    ? pieces
    : pieces.filter((_, at) => share(at, pieces.length) !== share(at - 1, pieces.length));
}

function share(at: number, count: number): number {
  return Math.floor((at * PIECES_ASKED_MAX) / count);
}

function pieceKey(piece: string): string {
  return `text ${piece}`;
}

/** The key of an owner's services. */
export function ownerKey(owner: string): string {
  return `owner ${toOwnerKey(owner)}`;
}

function categoryKey(category: Category): string {
  return `category ${category}`;
}

function attentionKey(attention: Attention): string {
  return `state ${attention}`;
}
