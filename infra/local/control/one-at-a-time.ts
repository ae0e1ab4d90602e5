import { googleError } from "../../../emulators/kit/google-error.ts";

/** Does what may not be done while something else of the kind is under way. @throws GoogleError ABORTED then */
export type OneAtATime = <T>(what: string, run: () => Promise<T>) => Promise<T>;

/** Refuses whoever comes second, and says what is under way. */
export function oneAtATime(): OneAtATime {
  let underWay: string | null = null;
  return async (what, run) => {
    if (underWay !== null) {
      throw googleError("ABORTED", `${underWay} is under way: try again when it is done`);
    }
    underWay = what;
    try {
      return await run();
    } finally {
      underWay = null;
    }
  };
}
