import { badRequest, googleError } from "../../../emulators/kit/google-error.ts";
import { openStoreFile, StoreError } from "../../../emulators/kit/store-file.ts";
import { SAVE_NAME, SAVES_MAX, savesIn } from "../saves.ts";
import type { Save } from "../saves.ts";
import { StateRequest } from "./state-view.ts";
import type { StateView } from "./state-view.ts";

/** What people do with everything that the local cloud holds. */
export type StateControl = {
  readonly view: () => StateView;
  /** Copies it under a name, in the place of what was saved so before. @throws GoogleError for a name that cannot be used */
  readonly save: (request: unknown) => Promise<StateView>;
  /** Puts what was saved in its place. @throws GoogleError NOT_FOUND; FAILED_PRECONDITION when it cannot be read */
  readonly load: (request: unknown) => Promise<StateView>;
  /** Begins anew. */
  readonly reset: () => Promise<StateView>;
};

/** What the local cloud does for it. */
export type StateKeeping = {
  readonly directory: string;
  /** Whether all that is held can be written and put back: what is in Google's own emulators cannot. */
  readonly isKnown: () => boolean;
  /** Writes all that the emulators hold at this moment. */
  readonly write: (save: Save) => Promise<void>;
  /** Ends all that runs and starts it again, with what was saved or with nothing. */
  readonly reopen: (from: Save | null) => Promise<void>;
};

/** Saves, loads and forgets what the local cloud holds. */
export function stateControl({ directory, isKnown, write, reopen }: StateKeeping): StateControl {
  const saves = savesIn(directory);
  function mustBeKnown(): void {
    if (!isKnown()) {
      const message =
        "Google's own emulators keep what they hold to themselves: start without --official to save and load";
      throw googleError("FAILED_PRECONDITION", message);
    }
  }
  const view = (name: string | null): StateView => ({ name, saved: [...saves.names()] });
  return {
    view: () => view(null),
    save: async (request) => {
      mustBeKnown();
      const name = readName(request);
      if (saves.find(name) === null && saves.names().length >= SAVES_MAX) {
        const message = `${SAVES_MAX} states are saved already: remove some of .slipway/saved first`;
        throw googleError("RESOURCE_EXHAUSTED", message);
      }
      await saves.put(name, write);
      return view(name);
    },
    load: async (request) => {
      mustBeKnown();
      const name = readName(request);
      const save = saves.find(name);
      if (save === null) {
        throw googleError("NOT_FOUND", unknownText(name, saves.names()));
      }
      checkReadable(save);
      await reopen(save);
      return view(name);
    },
    reset: async () => {
      await reopen(null);
      return view(null);
    },
  };
}

function readName(request: unknown): string {
  const { data } = StateRequest.safeParse(request);
  if (data === undefined || !SAVE_NAME.test(data.name)) {
    const message =
      "a name has 1 to 63 lower-case letters, digits and hyphens, such as before-outage";
    throw badRequest("name", message);
  }
  return data.name;
}

function unknownText(name: string, there: readonly string[]): string {
  return there.length === 0
    ? `nothing is saved as ${name}, or at all: slipway local save ${name} saves what there is now`
    : `nothing is saved as ${name}; there are ${there.join(", ")}`;
}

/** What runs is ended only for what can be read. */
function checkReadable({ state }: Save): void {
  try {
    openStoreFile(state).close();
  } catch (error) {
    if (error instanceof StoreError) {
      throw googleError("FAILED_PRECONDITION", error.message);
    }
    throw error;
  }
}
